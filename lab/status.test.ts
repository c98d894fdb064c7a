import assert from "node:assert/strict";
import { DAEMONS } from "./daemons";
import { type LabStatus, renderStatus, status } from "./status";

const process_ = (command: string, inPod = false, pid = 7) => ({ command, inPod, pid, started: "1" });
const up: LabStatus = {
  state: "up",
  name: "lab-123456",
  since: "2026-01-02T03:04:05.000Z",
  netns: "/run/lab-123456/net",
  kubeconfig: "/repo/.hitless/lab/kubeconfig",
  processes: [
    ...DAEMONS.map((name) => process_(name)),
    process_("containerd-shim-runc-v2"),
    process_("node", true),
  ],
  missing: [],
};

describe("a lab's status", () => {
  it("says since when it is up, how to reach it, and which process is which", () => {
    const lines = renderStatus(up);
    assert.equal(lines[0], "lab lab-123456: up since 2026-01-02T03:04:05.000Z");
    for (const name of DAEMONS) assert(lines.some((line) => line.trim().startsWith(name)));
    assert(lines.some((line) => line.endsWith(up.kubeconfig)));
    assert.match(lines.at(-1) ?? "", /in pods, and their shims\s+2 processes/);
  });

  it("is one line when there is nothing", () => {
    assert.deepEqual(renderStatus({ ...up, state: "down", since: undefined, processes: [] } as never), [
      "lab lab-123456: down",
    ]);
  });

  it("names what does not run, and what to do about it", () => {
    const text = renderStatus({ ...up, state: "partial", missing: ["kubelet"] }).join("\n");
    assert.match(text, /not running: kubelet\n[^]*hitless lab up repairs it/);
  });

  it("says whether the node is ready, where that was asked", () => {
    const shown = (ready: boolean) => renderStatus({ ...up, node: { ready, version: "v1.34.4" } }).join("\n");
    assert.match(shown(true), /^node: +ready, v1\.34\.4$/m);
    assert.match(shown(false), /^node: +not ready, v1\.34\.4$/m);
    assert.doesNotMatch(renderStatus(up).join("\n"), /^node:/m);
  });

  it("does not take a program in a pod for one of the lab's own", () => {
    const lines = renderStatus({ ...up, processes: [process_("etcd", true)] });
    assert.match(lines.at(-1) ?? "", /1 processes/);
  });

  it("is `down` for a lab that never was", async () => {
    const { state, processes, missing } = await status("never-was");
    assert.deepEqual({ state, processes, missing }, { state: "down", processes: [], missing: [] });
  });
});
