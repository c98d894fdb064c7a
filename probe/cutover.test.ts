import assert from "node:assert/strict";
import { Shop } from "../examples/shop/testing/shop";
import { startProbe } from "./run";
import { switchable } from "./testing/server";
import { CLIENT_KINDS, type ProbeResult } from "./types";

/** What every kind of client sees when new connections go to another slot and the old one is told to end. */
async function cutover(env: Record<string, string>): Promise<ProbeResult> {
  const start = (slot: string, more = {}): Promise<Shop> =>
    Shop.start({ HITLESS_SLOT: slot, HITLESS_LAME_DUCK: "250ms", HITLESS_SHUTDOWN: "8s", ...more });
  const [blue, green] = await Promise.all([start("blue", env), start("green")]);
  const front = await switchable(blue);
  const probe = await startProbe({ url: front.url, rate: 250, clients: CLIENT_KINDS, slowMs: 300 });
  const until = async (done: (result: ProbeResult) => boolean): Promise<void> => {
    while (!done(await probe.snapshot())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  try {
    await until(({ byClient }) => CLIENT_KINDS.every((kind) => (byClient[kind]?.total ?? 0) >= 1));
    front.to = green;
    blue.terminate();
    const exit = await blue.ended();
    assert.equal(exit, 0);
    await until(({ lastSlotOf }) => CLIENT_KINDS.every((kind) => lastSlotOf[kind]?.includes("green")));
    return await probe.stop();
  } finally {
    await Promise.all([front.close(), green.kill()]);
  }
}

describe("the probe over a whole cutover", () => {
  it("sees no request of any kind fail, and no client left behind, when the old slot drains", async () => {
    const { failed, samples, byClient, lastSlotOf, slots } = await cutover({});
    assert.equal(failed, 0, JSON.stringify(samples));
    for (const kind of CLIENT_KINDS) {
      assert.ok((byClient[kind]?.total ?? 0) >= 1, kind);
      assert.deepEqual(new Set(lastSlotOf[kind]), new Set(["green"]), kind);
    }
    // Slow requests straddled the switch.
    assert.ok((slots.blue?.lastSeen ?? 0) > (slots.green?.firstSeen ?? Infinity));
  });

  it("sees the drops of an app that exits at once: the control that shows it would notice", async () => {
    const { failures, byClient } = await cutover({ FAULT_EXIT_AT_SIGTERM: "1" });
    assert.ok((failures.reset ?? 0) > 0);
    assert.ok((byClient.slow?.failed ?? 0) > 0);
    assert.ok((byClient.websocket?.failed ?? 0) > 0);
  });
});
