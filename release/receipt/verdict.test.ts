import assert from "node:assert/strict";
import { cutoverTimeline, receiptFixture } from "./fixture";
import { percentAtMost } from "./format";
import { type ReceiptInput, receiptSchema } from "./receipt";
import { type Verdict, verdictOf } from "./verdict";

const verdict = (changes: Partial<ReceiptInput> = {}): Verdict =>
  verdictOf(receiptSchema.parse(receiptFixture(changes)));
const dropped = { timeline: cutoverTimeline((second) => (second === 20 ? 3 : 0)) };
const NOTHING = { total: 0, failed: 0, byClient: {}, bySlot: {}, failures: {}, upperBound95: 1 };

describe("verdict", () => {
  it("is good when requests were made, none failed, and the control shows that the probe sees drops", () => {
    assert.deepEqual(verdict(), {
      tone: "good",
      headline: "0 of 7,070 requests failed",
      details: [
        "With 95 % confidence the failure rate is below 0.043 %.",
        "The same probe sees drops: in the negative control 30 of 8,684 requests failed.",
      ],
    });
  });

  it("is bad when a finished release dropped requests", () => {
    const { tone, headline } = verdict(dropped);
    assert.equal(tone, "bad");
    assert.equal(headline, "3 of 7,070 requests failed");
  });

  it("never calls zero requests a success", () => {
    const { tone, headline, details } = verdict({ requests: NOTHING });
    assert.equal(tone, "unknown");
    assert.equal(headline, "Finished, but no request was made");
    assert.deepEqual(details, ["Whether requests would have failed is not known."]);
  });

  it("says that nothing was measured, and why", () => {
    const { tone, headline, details } = verdict({ requests: null, notMeasured: "no probe was asked for" });
    assert.equal(tone, "unknown");
    assert.equal(headline, "Finished, but requests were not measured");
    assert.deepEqual(details, ["Not measured: no probe was asked for."]);
  });

  it("trusts no probe whose negative control dropped nothing", () => {
    const { tone, details } = verdict({ negativeControl: { total: 9000, failed: 0 } });
    assert.equal(tone, "unknown");
    assert.match(
      details.join(" "),
      /This proves nothing: in the negative control, .* 0 of 9,000 requests failed\./,
    );
  });

  it("says when no control ran", () => {
    assert.match(verdict({ negativeControl: null }).details.join(" "), /No negative control ran beside it\./);
  });

  it("reports who met a release that was rolled back, and for how long", () => {
    const { tone, headline, details } = verdict({
      ...dropped,
      outcome: "rolled-back",
      reason: "5 % of green's answers failed",
      exposure: { requests: 1204, seconds: 14.2 },
    });
    assert.equal(tone, "bad");
    assert.equal(headline, "Rolled back; 3 of 7,070 requests failed");
    assert.equal(details[0], "Why: 5 % of green's answers failed.");
    assert.ok(details.includes("The broken release was exposed to 1,204 requests, for 14.2 s."));
  });

  it("gives the reason of a refusal and never calls it good", () => {
    const { tone, headline, details } = verdict({
      outcome: "refused",
      reason: "green has 1 of 2 replicas ready",
      requests: null,
      notMeasured: "nothing was changed",
    });
    assert.equal(tone, "bad");
    assert.equal(headline, "Refused");
    assert.equal(details[0], "Why: green has 1 of 2 replicas ready.");
  });

  it("names the step at which a release failed", () => {
    const at = new Date().toISOString();
    const { tone, headline, details } = verdict({
      outcome: "failed",
      steps: [
        { title: "look", startedAt: at, durationMs: 1, ok: true },
        { title: "switch", startedAt: at, durationMs: 1, ok: false },
      ],
    });
    assert.equal(tone, "bad");
    assert.equal(headline, "The release failed; 0 of 7,070 requests failed");
    assert.equal(details[0], 'It stopped at the step "switch".');
  });

  it("says how many requests the probe could not make", () => {
    const { requests } = receiptFixture();
    const { details } = verdict({ requests: requests && { ...requests, skipped: 12 } });
    assert.ok(details.includes("12 requests could not be made: too many were waiting for an answer."));
  });

  it("says how many clients stayed behind", () => {
    assert.ok(verdict({ clientsLeft: 2 }).details.includes("2 clients were still connected to blue."));
  });

  it("rounds a bound up, never down", () => {
    const cases: [number, string][] = [
      [0.000482, "0.049 %"],
      [0.05, "5 %"],
      [0.00051, "0.051 %"],
      [0.123, "13 %"],
      [1, "100 %"],
      [0, "0 %"],
      [0.0000001, "0.00001 %"],
    ];
    for (const [fraction, words] of cases) assert.equal(percentAtMost(fraction), words);
  });
});
