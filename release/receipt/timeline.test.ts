import assert from "node:assert/strict";
import fc from "fast-check";
import { receiptFixture } from "./fixture";
import { receiptSchema, type Tick } from "./receipt";
import { ticks, timelineOf } from "./timeline";

const ZERO = Date.parse(receiptFixture().startedAt) / 1000;
const of = (timeline: Tick[]) => timelineOf(receiptSchema.parse(receiptFixture({ timeline })));

describe("receipt timeline", () => {
  it("loses no request, however long the release took", () => {
    const tick = fc.record({
      second: fc.integer({ min: ZERO - 60, max: ZERO + 90_000 }),
      slot: fc.constantFrom("blue", "green", ""),
      ok: fc.nat(1000),
      failed: fc.nat(10),
    });
    fc.assert(
      fc.property(fc.array(tick, { minLength: 1, maxLength: 50 }), (timeline) => {
        const { bins, start, end } = of(timeline);
        const drawn = bins.reduce(
          (n, b) => n + (Object.values(b.ok).reduce((x, y) => x + y, 0) + b.failed) * b.seconds,
          0,
        );
        const made = timeline.reduce((n, { ok, failed }) => n + ok + failed, 0);
        assert.ok(Math.abs(drawn - made) < 1e-6 * (made + 1));
        assert.ok(bins.length <= 161 && start < end);
      }),
      { numRuns: 50 },
    );
  });

  it("shows seconds without requests as empty", () => {
    const { bins } = of([
      { second: ZERO, slot: "blue", ok: 5, failed: 0 },
      { second: ZERO + 2, slot: "blue", ok: 5, failed: 0 },
    ]);
    assert.deepEqual(
      bins.map(({ ok }) => ok),
      [{ blue: 5 }, {}, { blue: 5 }],
    );
  });

  it("puts ticks at round times inside the stretch", () => {
    assert.deepEqual(ticks(-4, 66, 10), [0, 10, 20, 30, 40, 50, 60]);
    assert.deepEqual(ticks(0, 1.5, 10), [0, 1]);
  });
});
