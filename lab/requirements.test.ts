import assert from "node:assert/strict";
import type { HitlessError } from "../shared/errors";
import { labProblems, type Machine, requireLab, requireRoot } from "./requirements";

const able: Machine = {
  platform: "linux",
  uid: 0,
  hasCommand: () => true,
  hasFile: () => true,
  filesystems: () => "nodev\toverlay\n",
};

describe("what a lab needs of a machine", () => {
  it("is met by Linux, root, its commands, control groups and overlayfs", () => {
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
    const bare = {
      ...able,
      hasCommand: (name: string) => name !== "ip",
      hasFile: () => false,
      filesystems: () => "",
    };
    const problems = labProblems(bare);
    assert.deepEqual(
      problems.map((problem) => problem.where),
      ["ip", "/sys/fs/cgroup", "/proc/filesystems"],
    );
    assert(problems.every((problem) => problem.fix));
    assert.match(problems[0]?.fix ?? "", /iproute2/);
  });

  it("asks nothing of Linux' files where there is no Linux", () => {
    const windows: Machine = {
      platform: "win32",
      hasCommand: () => assert.fail("asked"),
      hasFile: () => assert.fail("asked"),
      filesystems: () => assert.fail("asked"),
    };
    assert.equal(labProblems(windows).length, 1);
  });

  it("is met by either kind of control groups", () => {
    for (const kind of ["cgroup.controllers", "memory"]) {
      assert.deepEqual(labProblems({ ...able, hasFile: (file) => file === `/sys/fs/cgroup/${kind}` }), []);
    }
  });
});
