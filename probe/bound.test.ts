import assert from "node:assert/strict";
import fc from "fast-check";
import { upperBound95 } from "./bound";

describe("the bound on a failure rate", () => {
  it("is close to 3 / N when nothing failed", () => {
    for (const total of [100, 5000, 1_000_000]) {
      assert.ok(Math.abs(upperBound95(0, total) * total - 3) < 0.05);
      assert.ok(Math.abs(upperBound95(0, total) - (1 - 0.05 ** (1 / total))) < 1e-9);
    }
  });

  it("is the exact one of Clopper and Pearson when something failed", () => {
    // R: qbeta(0.95, failed + 1, total - failed)
    for (const [failed, total, bound] of [
      [1, 100, 0.0465598],
      [5, 100, 0.1022534],
      [30, 8684, 0.0046828],
      [50, 100, 0.5864],
    ] as const)
      assert.ok(
        Math.abs(upperBound95(failed, total) / bound - 1) < 2e-3,
        `${failed}/${total}: ${upperBound95(failed, total)}`,
      );
  });

  it("says nothing when nothing was asked, or all failed", () => {
    assert.equal(upperBound95(0, 0), 1);
    assert.equal(upperBound95(7, 7), 1);
  });

  it("lies above the rate that was seen, and falls with more requests", () => {
    const counts = fc
      .integer({ min: 1, max: 1e7 })
      .chain((total) => fc.tuple(fc.nat(total), fc.constant(total)));
    fc.assert(
      fc.property(counts, ([failed, total]) => {
        const bound = upperBound95(failed, total);
        assert.ok(bound <= 1 && (bound > failed / total || failed === total), `${bound}`);
        assert.ok(upperBound95(failed, total * 2) <= bound + 1e-12);
      }),
    );
  });
});
