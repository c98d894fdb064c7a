import assert from "node:assert/strict";
import fc from "fast-check";
import { AnswerTimeout, classify, describeError } from "./classify";
import { checkOrder } from "./http";
import { Latencies } from "./latency";
import { plan } from "./plan";
import { Timeline } from "./timeline";
import { CLIENT_KINDS, type ClientKind } from "./types";

const errno = (code: string, message = code): Error => Object.assign(new Error(message), { code });

describe("failures are classified", () => {
  for (const [kind, errors] of Object.entries({
    refused: [errno("ECONNREFUSED"), errno("ENOTFOUND"), errno("DEPTH_ZERO", "self-signed certificate")],
    reset: [
      errno("ECONNRESET"),
      errno("EPIPE"),
      errno("UND_ERR_SOCKET", "other side closed"),
      "anything else",
    ],
    timeout: [
      errno("ETIMEDOUT"),
      errno("UND_ERR_CONNECT_TIMEOUT"),
      new AnswerTimeout("late"),
      new Error("Opening handshake has timed out"),
    ],
    status: [new Error("Unexpected server response: 503")],
  })) {
    it(`as ${kind}, by errno or the client's words`, () => {
      for (const error of errors) assert.equal(classify(error), kind, String(error));
    });
  }

  it("by their cause, and where several addresses were tried by the last", () => {
    const all = new AggregateError([errno("ENETUNREACH"), errno("ECONNREFUSED", "connect ECONNREFUSED")]);
    const outer = new Error("fetch failed", { cause: all });
    assert.equal(classify(outer), "refused");
    assert.equal(describeError(outer), "connect ECONNREFUSED");
    assert.equal(describeError(errno("EPIPE", "broken")), "EPIPE: broken");
  });
});

describe("an order", () => {
  it("is good when its own id comes back, seen once", () => {
    assert.equal(checkOrder("a", '{"id":"a","seen":1}'), undefined);
    assert.equal(checkOrder("a", '{"id":"a"}'), undefined);
  });

  it("is a duplicate when it was seen more often", () => {
    assert.equal(checkOrder("a", '{"id":"a","seen":2}')?.kind, "duplicate");
  });

  it("is lost when the answer is to another, or to none", () => {
    for (const body of ['{"id":"b","seen":1}', "{}", "null", "7", "", "<html>"])
      assert.equal(checkOrder("a", body)?.kind, "lost", body);
  });
});

describe("the plan of a load", () => {
  const kinds = fc.subarray([...CLIENT_KINDS], { minLength: 1 });

  it("makes the whole rate and no more, whatever clients there are", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 5000, noNaN: true }), kinds, (rate, clients) => {
        const planned = plan(rate, clients, 4000).reduce(
          (sum, { lanes, everyMs }) => sum + (1000 * lanes) / everyMs,
          0,
        );
        assert.ok(Math.abs(planned / rate - 1) < 1e-9);
      }),
    );
  });

  it("bounds how many wait for an answer", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 5000, noNaN: true }), kinds, (rate, clients) => {
        for (const { lanes, waiting } of plan(rate, clients, 4000)) assert.ok(lanes * waiting <= 400);
      }),
    );
  });

  it("keeps several slow requests in flight at the usual rate", () => {
    const slow = (rate: number, clients: readonly ClientKind[]) =>
      plan(rate, clients, 4000).find(({ client }) => client === "slow");
    assert.deepEqual(slow(100, CLIENT_KINDS), { client: "slow", lanes: 8, waiting: 2, everyMs: 4000 });
  });
});

describe("the timeline", () => {
  it("counts by second and slot, in order of time", () => {
    const timeline = new Timeline();
    timeline.add(5900, "green", true);
    timeline.add(1000, "blue", true);
    timeline.add(1999, "blue", false);
    assert.deepEqual(timeline.ticks(), [
      { second: 1, slot: "blue", ok: 1, failed: 1 },
      { second: 5, slot: "green", ok: 1, failed: 0 },
    ]);
  });

  it("loses nothing and stays bounded however long it runs", () => {
    const timeline = new Timeline(100);
    for (let second = 0; second < 5000; second++) timeline.add(second * 1000, "blue", second % 7 > 0);
    const ticks = timeline.ticks();
    assert.ok(ticks.length <= 100);
    assert.equal(
      ticks.reduce((sum, { ok, failed }) => sum + ok + failed, 0),
      5000,
    );
  });
});

describe("latencies", () => {
  it("are within 2 % of the truth at each quantile, and exact at the end", () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 1000; ms++) latencies.add(ms);
    const { p50, p95, p99, max } = latencies.result();
    for (const [got, wanted] of [
      [p50, 500],
      [p95, 950],
      [p99, 990],
    ] as const)
      assert.ok(Math.abs(got / wanted - 1) < 0.025, `${got} for ${wanted}`);
    assert.equal(max, 1000);
  });

  it("are zero when there were none", () => {
    assert.deepEqual(new Latencies().result(), { p50: 0, p95: 0, p99: 0, max: 0 });
  });
});
