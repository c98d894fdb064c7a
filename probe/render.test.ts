import assert from "node:assert/strict";
import { silentProgress } from "../shared/progress";
import { runProbe } from "./command";
import { renderProbe } from "./render";
import { Tally } from "./tally";
import { slotServer } from "./testing/server";

describe("a probe's result in the terminal", () => {
  const tally = (good: number): Tally => {
    const tally = new Tally(["new-connection", "websocket"]);
    for (let i = 0; i < good; i++)
      tally.record({ client: "new-connection", slot: "blue", version: "v1", ms: 1.234 });
    return tally;
  };

  it("says first whether requests failed, and what that bounds", () => {
    assert.deepEqual(renderProbe(tally(3000).result()), [
      "None of 3,000 requests failed: with 95 % confidence the failure rate is below 0.1 %.",
      "",
      "client          requests  failed",
      "new-connection     3,000       0",
      "websocket              0       0",
      "",
      "by slot         blue 3,000",
      "by version      v1 3,000",
      "latency         p50 1.2 ms, p95 1.2 ms, p99 1.2 ms, max 1.2 ms",
    ]);
  });

  it("counts failures by kind and shows the first, with what was said", () => {
    const some = tally(10);
    for (let i = 0; i < 25; i++) {
      const failure = { kind: "reset", detail: "ECONNRESET: cut" } as const;
      some.record({ client: "websocket", slot: "", version: "", ms: 0, failure });
    }
    const lines = renderProbe(some.result());
    assert.match(
      lines[0] ?? "",
      /^25 of 35 requests failed: with 95 % confidence the failure rate is below 84 %\.$/,
    );
    assert.ok(lines.includes("failures        reset 25"));
    assert.ok(lines.includes("The first 20 failures:"));
    assert.match(lines.at(-1) ?? "", /^ {2}\d\d:\d\d:\d\d\.\d{3} {2}websocket reset {2}ECONNRESET: cut$/);
  });

  it("calls nothing measured when nothing was asked", () => {
    assert.deepEqual(renderProbe(tally(0).result()), ["No request ended: nothing was measured."]);
  });
});

describe("the probe for a while", () => {
  it("ends by its time, or earlier by a signal, with what was seen", async () => {
    const blue = await slotServer("blue");
    const options = { url: blue.url, rate: 200, progress: silentProgress };
    const timed = await runProbe({ ...options, seconds: 0.2 });
    const aborted = await runProbe({ ...options, seconds: 3600, signal: AbortSignal.timeout(100) });
    await blue.close();
    for (const { total, failed } of [timed, aborted]) {
      assert.ok(total > 0);
      assert.equal(failed, 0);
    }
  });
});
