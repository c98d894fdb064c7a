import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { V1Lease } from "@kubernetes/client-node";
import type { Cluster } from "../components/live/cluster";
import { HitlessError } from "../shared/errors";
import { self } from "../shared/process";
import { readReleasing, releasingOf, stateOf, takeLease } from "./lease";
import { conflict, fakeLeases, missing } from "./testing/leases";

const at = { app: "shop", environment: "dev", namespace: "shop-dev" };
const NOW = Date.parse("2026-01-01T00:00:30Z");

/** A Lease that was renewed `ago` seconds before now. */
const lease = (holderIdentity: string, ago: number): V1Lease => ({
  spec: { holderIdentity, leaseDurationSeconds: 30, renewTime: new Date(NOW - ago * 1000) },
});

/** This process as a holder, as the Lease names it. */
async function myIdentity(): Promise<string> {
  const { cluster } = fakeLeases();
  const held = await takeLease(cluster, at, "test");
  await held.release();
  return held.holder;
}

describe("a release's Lease is", () => {
  it("free where there is none, or nobody holds it", () => {
    assert.equal(stateOf(undefined), "free");
    assert.equal(stateOf({}), "free");
    assert.equal(stateOf({ spec: { holderIdentity: "" } }), "free");
  });

  it("held by a process of this machine that lives, however long ago it renewed", async () => {
    assert.equal(stateOf(lease(await myIdentity(), 9999), NOW), "held");
  });

  it("abandoned by a process of this machine that is dead, however lately it renewed", async () => {
    const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(child, "exit");
    const identity = (await myIdentity()).replace(/pid \d+/, `pid ${child.pid}`);
    assert.equal(stateOf(lease(identity, 0), NOW), "abandoned");
  });

  it("abandoned where its pid belongs to another process by now", async () => {
    const { started } = self();
    const identity = (await myIdentity()).replace(`started ${started}`, `started ${Number(started) - 1}`);
    assert.equal(stateOf(lease(identity, 0), NOW), "abandoned");
  });

  const elsewhere = `ops@elsewhere/12345678/1 pid ${process.pid} started ${self().started}`;
  it("held by another machine until three renewals were missed", () => {
    assert.equal(stateOf(lease(elsewhere, 0), NOW), "held");
    assert.equal(stateOf(lease(elsewhere, 30), NOW), "held");
    assert.equal(stateOf(lease(elsewhere, 31), NOW), "abandoned");
  });

  it("judged by its renewals where somebody else's tool wrote the holder", () => {
    assert.equal(stateOf(lease("kubectl", 5), NOW), "held");
    assert.equal(stateOf(lease("kubectl", 31), NOW), "abandoned");
    assert.equal(stateOf({ spec: { holderIdentity: "kubectl" } }, NOW), "abandoned");
  });
});

describe("taking the Lease", () => {
  it("refuses a second release while one runs, and says who and where it is", async () => {
    const { cluster } = fakeLeases();
    const first = await takeLease(cluster, at, "cutover to green");
    await first.step("read back: green");
    await assert.rejects(
      takeLease(cluster, at, "rollback"),
      (error) =>
        error instanceof HitlessError &&
        error.code === 1 &&
        error.message.includes("a release of dev is running") &&
        error.message.includes('at the step "read back: green"'),
    );
    await first.release();
    const second = await takeLease(cluster, at, "rollback");
    await second.release();
  });

  it("takes over from a holder that is gone, and knows at which step it was", async () => {
    const { cluster, state } = fakeLeases();
    const first = await takeLease(cluster, at, "cutover to green");
    await first.step("read back: green");
    await first.release();
    assert.equal((await readReleasing(cluster, at)).releasing, null);
    state.lease = {
      ...state.lease,
      metadata: { ...state.lease?.metadata, annotations: { "hitless.dev/step": "read back: green" } },
      spec: {
        ...state.lease?.spec,
        holderIdentity: "ops@elsewhere/1/1 pid 1 started 1",
        renewTime: new Date(0),
      },
    };
    const seen = await readReleasing(cluster, at);
    assert.equal(seen.releasing, null);
    assert.equal(seen.abandoned?.step, "read back: green");
    const second = await takeLease(cluster, at, "cutover to green");
    assert.equal(second.interrupted, "read back: green");
    await second.release();
  });

  it("remembers across holders which generation was finished", async () => {
    const { cluster } = fakeLeases();
    const first = await takeLease(cluster, at, "cutover");
    assert.equal(first.finished, 0);
    await first.finish(7);
    await first.release();
    const second = await takeLease(cluster, at, "cutover");
    assert.equal(second.finished, 7);
    assert.equal(second.interrupted, undefined);
    await second.release();
  });

  it("lets one of two win that take it at the same moment", async () => {
    const { cluster } = fakeLeases();
    const results = await Promise.allSettled([takeLease(cluster, at, "a"), takeLease(cluster, at, "b")]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    for (const result of results) if (result.status === "fulfilled") await result.value.release();
  });

  it("stops a release whose Lease was taken from it", async () => {
    const { cluster, state } = fakeLeases();
    const mine = await takeLease(cluster, at, "cutover");
    state.version++;
    await assert.rejects(mine.step("next"), /a release of dev is running/);
    await assert.rejects(mine.release(), /a release of dev is running/);
  });

  it("passes on what the API server says otherwise", async () => {
    const cluster = {
      coordination: { readNamespacedLease: () => Promise.reject(new Error("no route")) },
    } as unknown as Cluster;
    await assert.rejects(takeLease(cluster, at, "cutover"), /no route/);
    assert.equal(missing().code, 404);
    assert.equal(conflict().code, 409);
  });
});

describe("who releases", () => {
  it("is by whom, since when and at which step, or nobody", () => {
    assert.equal(releasingOf({}), null);
    assert.deepEqual(
      releasingOf({
        metadata: { annotations: { "hitless.dev/step": "read back" } },
        spec: { holderIdentity: "me", acquireTime: new Date(NOW) },
      }),
      { by: "me", since: "2026-01-01T00:00:30.000Z", step: "read back" },
    );
  });
});
