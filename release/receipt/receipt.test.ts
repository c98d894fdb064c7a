import assert from "node:assert/strict";
import type { ProbeResult } from "../../probe";
import { receiptFixture } from "./fixture";
import { measured, receiptSchema, redact } from "./receipt";

const PROBE: ProbeResult = {
  startedAt: "2026-11-21T04:12:03.000Z",
  finishedAt: "2026-11-21T04:13:13.000Z",
  total: 100,
  failed: 2,
  byClient: {
    "new-connection": { total: 60, failed: 2 },
    post: { total: 40, failed: 0 },
  },
  bySlot: { blue: 50, green: 48 },
  byVersion: { v1: 50, v2: 48 },
  failures: { refused: 2, reset: 0 },
  upperBound95: 0.062,
  timeline: [{ second: 1795234327, slot: "blue", ok: 50, failed: 2 }],
  samples: [
    { at: "2026-11-21T04:12:08.000Z", client: "new-connection", kind: "refused", detail: "ECONNREFUSED" },
  ],
  slots: {},
  lastSlotOf: {},
  skipped: 0,
  latency: { p50: 1, p95: 2, p99: 3, max: 4 },
};

describe("receipt", () => {
  it("has every field that is promised to readers outside", () => {
    const receipt = receiptSchema.parse(receiptFixture());
    for (const key of [
      ...["cluster", "environment", "from", "to", "outcome", "startedAt", "finishedAt", "requests"],
      ...["negativeControl", "steps", "config", "policy", "versions"],
    ])
      assert.ok(key in receipt, key);
    assert.deepEqual(Object.keys(receipt.steps[0] ?? {}), ["title", "startedAt", "durationMs", "ok"]);
    assert.deepEqual(Object.keys(receipt.policy), ["pack", "version", "violations"]);
  });

  it("takes what a probe saw, and leaves out kinds of failure that did not happen", () => {
    const { requests, timeline, samples, notMeasured } = measured(PROBE);
    assert.equal(requests?.total, 100);
    assert.deepEqual(requests?.byClient.post, { total: 40, failed: 0 });
    assert.deepEqual(requests?.failures, { refused: 2 });
    assert.deepEqual(timeline, PROBE.timeline);
    assert.deepEqual(samples, PROBE.samples);
    assert.equal(notMeasured, null);
    receiptSchema.parse({ ...receiptFixture(), ...measured(PROBE) });
  });

  it("says why nothing was measured when no probe ran", () => {
    assert.deepEqual(measured(null), {
      requests: null,
      timeline: [],
      samples: [],
      notMeasured: "no probe was asked for",
    });
  });

  it("refuses more failures than requests", () => {
    const { requests, ...rest } = receiptFixture();
    assert.equal(
      receiptSchema.safeParse({ ...rest, requests: { ...requests, total: 3, failed: 4 } }).success,
      false,
    );
  });

  it("replaces secrets in both of Pulumi's forms and drops the keys that hold key material", () => {
    const config = {
      encryptionsalt: "v1:salt",
      encryptedkey: "key",
      config: {
        "hitless:token": { secure: "v1:ciphertext" },
        "hitless:list": [{ secure: "v1:other" }, "plain"],
        "aws:key": { value: "hunter2", secret: true },
        "aws:region": { value: "eu-west-1", secret: false },
      },
    };
    assert.deepEqual(redact(config), {
      config: {
        "hitless:token": "[secret]",
        "hitless:list": ["[secret]", "plain"],
        "aws:key": "[secret]",
        "aws:region": { value: "eu-west-1", secret: false },
      },
    });
  });
});
