import assert from "node:assert/strict";
import type { HitlessError } from "../shared/errors";
import { labProblems, type Machine, requireLab, requireRoot } from "./requirements";

const able: Machine = {
  platform: "linux",
  uid: 0,
  hasCommand: () => true,
  hasFile: () => true,
  mayWrite: () => true,
  kernel: () => [],
};

describe("what a lab needs of a machine", () => {
  it("is met by Linux, root, its commands, control groups and a kernel that refuses nothing", () => {
    assert.deepEqual(labProblems(able), []);
  });

  it("names both ways out where there is no Linux", () => {
    assert.throws(
      () => requireRoot({ ...able, platform: "darwin" }),
      /darwin[^]*allowed: linux[^]*use a Linux machine, or pass --kubeconfig\/--context[^]*kind[^]*k3d[^]*EKS/,
    );
  });

  it("names both ways out to somebody who is not root", () => {
    assert.throws(
      () => requireRoot({ ...able, uid: 1000 }),
      /only root may[^]*uid 1000[^]*allowed: uid 0[^]*run it with sudo, or pass --kubeconfig\/--context/,
    );
  });

  it("is an unusable environment, not a refusal", () => {
    assert.throws(
      () => requireLab({ ...able, uid: 1000 }),
      (error: HitlessError) => error.code === 2,
    );
  });

  it("names everything that is missing at once, each with its remedy", () => {
    const problems = labProblems({
      ...able,
      hasFile: () => false,
      kernel: () => [{ what: "no bridge", fix: "modprobe bridge" }, { what: "no overlay" }],
    });
    assert.deepEqual(
      problems.map((problem) => problem.where ?? problem.what),
      ["/sys/fs/cgroup", "no bridge", "no overlay"],
    );
    assert(problems.every((problem) => problem.fix?.includes("--kubeconfig/--context")));
  });

  it("names the package of each command that is not there, and then tries nothing with it", () => {
    const problems = labProblems({
      ...able,
      hasCommand: (name) => name !== "ip" && name !== "nsenter",
      kernel: () => assert.fail("tried"),
    });
    assert.deepEqual(
      problems.map(({ where, fix }) => [where, fix]),
      [
        ["nsenter", "install the package util-linux"],
        ["ip", "install the package iproute2"],
      ],
    );
  });

  it("includes control groups that can be written, of either kind", () => {
    for (const [kind, folder] of [
      ["cgroup.controllers", "/sys/fs/cgroup"],
      ["memory", "/sys/fs/cgroup/memory"],
    ]) {
      const machine = {
        ...able,
        hasFile: (file: string) => file === `/sys/fs/cgroup/${kind}`,
        mayWrite: (file: string) => file !== folder,
      };
      assert.deepEqual(
        labProblems(machine).map((problem) => problem.what),
        ["no control group can be made there"],
      );
    }
  });

  it("asks nothing of Linux' files where there is no Linux", () => {
    const windows: Machine = {
      platform: "win32",
      hasCommand: () => assert.fail("asked"),
      hasFile: () => assert.fail("asked"),
      mayWrite: () => assert.fail("asked"),
      kernel: () => assert.fail("asked"),
    };
    assert.equal(labProblems(windows).length, 1);
  });

  it("is met by either kind of control groups", () => {
    for (const kind of ["cgroup.controllers", "memory"]) {
      assert.deepEqual(labProblems({ ...able, hasFile: (file) => file === `/sys/fs/cgroup/${kind}` }), []);
    }
  });
});
