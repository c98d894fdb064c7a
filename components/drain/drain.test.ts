import assert from "node:assert/strict";
import fc from "fast-check";
import { HitlessError } from "../../shared/errors";
import {
  checkDrain,
  drainBudget,
  type DrainInput,
  type DrainNeeds,
  type DrainTimes,
  duration,
  explainDrain,
  ROUTER_NAMES,
  seconds,
} from ".";

const NEEDS: DrainNeeds = { propagation: 10, longestRequest: 20, cleanup: 1, margin: 5, stickyTtl: 0 };
const numbers = (times: DrainTimes, needs: Partial<DrainNeeds> = {}) =>
  checkDrain(times, { ...NEEDS, ...needs }).map(({ number }) => number);

const time = fc.integer({ min: 0, max: 4 * 3600 * 1000 }).map((ms) => duration(ms / 1000));
const inputs: fc.Arbitrary<DrainInput> = fc.record(
  {
    inFront: fc.subarray([...ROUTER_NAMES], { minLength: 1 }),
    longestRequest: time,
    cleanup: time,
    lameDuck: time,
    propagation: time,
    margin: time.filter((text) => seconds(text) >= 5),
    stickyTtl: time,
  },
  { requiredKeys: ["inFront"] },
);

describe("the drain budget", () => {
  it("is derived from the slowest router in front", () =>
    assert.deepEqual(drainBudget({ inFront: ["kube-proxy", "alb-ip"], longestRequest: "20s" }), {
      propagation: 60,
      preStop: 60,
      shutdown: 23,
      grace: 88,
      hold: 80,
    }));

  it("has defaults for everything but what is in front", () =>
    assert.deepEqual(drainBudget({ inFront: ["kube-proxy"] }), {
      propagation: 10,
      preStop: 10,
      shutdown: 33,
      grace: 48,
      hold: 40,
    }));

  it("takes a measured propagation time instead, and writes whole seconds where Kubernetes wants them", () =>
    assert.deepEqual(
      drainBudget({ inFront: ["nlb"], propagation: "2500ms", longestRequest: "1.5s", lameDuck: "500ms" }),
      { propagation: 2.5, preStop: 3, shutdown: 3, grace: 11, hold: 4 },
    ));

  it("holds the old slot for the sticky time where that is longer", () =>
    assert.equal(drainBudget({ inFront: ["kube-proxy"], stickyTtl: "3h" }).hold, 10_800));

  it("satisfies every inequality for any input", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { propagation, preStop, shutdown, grace, hold } = drainBudget(input);
        const longest = seconds(input.longestRequest ?? "30s");
        const cleanup = seconds(input.cleanup ?? "1s");
        // Compared in milliseconds: seconds are binary fractions.
        const ms = (value: number) => Math.round(value * 1000);
        assert.ok(ms(preStop) >= ms(propagation), "1");
        assert.ok(ms(shutdown) >= ms(longest + cleanup), "2");
        assert.ok(ms(grace) >= ms(preStop + shutdown + seconds(input.margin ?? "5s")), "3");
        assert.ok(
          ms(hold) >= ms(propagation + longest) && ms(hold) >= ms(seconds(input.stickyTtl ?? "0s")),
          "13",
        );
        assert.ok(Number.isInteger(preStop) && Number.isInteger(grace));
      }),
    );
  });

  it("refuses all inputs that it cannot use at once", () =>
    assert.throws(
      () =>
        drainBudget({ inFront: ["kube-proxy", "haproxy", "toString"], longestRequest: "30", margin: "4s" }),
      (error: unknown) => {
        assert.ok(error instanceof HitlessError);
        assert.deepEqual(
          error.problems.map(({ where, value }) => ({ where, value })),
          [
            { where: "drain.inFront", value: ["haproxy", "toString"] },
            { where: "drain.longestRequest", value: "30" },
            { where: "drain.margin", value: "4s" },
          ],
        );
        return true;
      },
    ));

  it("is not derived for nothing in front", () =>
    assert.throws(() => drainBudget({ inFront: [] }), /drain.inFront: is empty/));
});

describe("the explanation of a budget", () => {
  it("says for every time what it was computed from, and why", () => {
    const lines = explainDrain({ inFront: ["cilium", "kube-proxy"], longestRequest: "5s" });
    assert.deepEqual(
      lines.map(({ name, seconds, formula }) => [name, seconds, formula]),
      [
        ["propagation", 10, "the slowest in front: kube-proxy"],
        ["preStop", 10, "propagation 10s, in whole seconds"],
        ["shutdown", 8, "lame duck 2s + longest request 5s + cleanup 1s"],
        ["grace", 23, "preStop 10s + shutdown 8s + margin 5s, in whole seconds"],
        ["hold", 15, "propagation 10s + longest request 5s"],
      ],
    );
    assert.match(lines[0]?.source ?? "", /scylla-operator#1780/);
    assert.equal(lines[3]?.source, "(3) grace >= preStop + shutdown + margin");
  });

  it("names an override as one", () =>
    assert.equal(explainDrain({ inFront: ["nlb"], propagation: "4s" })[0]?.source, "override"));

  it("says when the sticky time decides", () =>
    assert.equal(explainDrain({ inFront: ["nlb"], stickyTtl: "3h" }).at(-1)?.formula, "the sticky time 3h"));
});

describe("the inequalities", () => {
  const works: Required<DrainTimes> = { preStop: 10, shutdown: 21, grace: 36, hold: 30 };

  it("all hold at their least values", () => assert.deepEqual(numbers(works), []));

  for (const [number, times, needs] of [
    [1, { preStop: 9 }, {}],
    [2, { shutdown: 20 }, {}],
    [3, { grace: 35 }, {}],
    [13, { hold: 29 }, {}],
    [13, {}, { stickyTtl: 31 }],
  ] as const) {
    it(`${number} alone refuses ${JSON.stringify({ ...times, ...needs })}`, () =>
      assert.deepEqual(numbers({ ...works, ...times }, needs), [number]));
  }

  it("say both sides' values and the nearest that works", () => {
    const [broken] = checkDrain({ preStop: 15, shutdown: 30, grace: 30 }, { ...NEEDS, longestRequest: 29 });
    assert.deepEqual(broken, {
      number: 3,
      time: "grace",
      actual: 30,
      required: 50,
      message:
        "(3) grace >= preStop + shutdown + margin: grace is 30 s and must be at least 50 s (preStop 15 s + shutdown 30 s + margin 5 s)",
    });
  });

  it("are not checked where a time is not known", () => {
    assert.deepEqual(numbers({}), []);
    assert.deepEqual(numbers({ grace: 1, preStop: 10 }), []);
    assert.deepEqual(numbers({ grace: 1, shutdown: 30 }), []);
  });

  it("accept the nearest value that works, for any times", () => {
    const any = fc.integer({ min: 0, max: 7_200_000 }).map((ms) => ms / 1000);
    const needs = fc.record({
      propagation: any,
      longestRequest: any,
      cleanup: any,
      margin: any,
      stickyTtl: any,
    });
    fc.assert(
      fc.property(fc.record({ preStop: any, shutdown: any, grace: any, hold: any }), needs, (times, need) => {
        for (const { time, required, number } of checkDrain(times, need)) {
          const again = checkDrain({ ...times, [time]: required }, need);
          assert.ok(!again.some((one) => one.number === number));
          const below = checkDrain({ ...times, [time]: required - 0.001 }, need);
          assert.ok(below.some((one) => one.number === number));
        }
      }),
    );
  });
});

describe("the numbers of known deployments", () => {
  const P = { cilium: 3, "kube-proxy": 10, "alb-ip": 60, nlb: 300 } as const;

  it("grace 60, preStop 5, shutdown 30: only Cilium is quick enough for the preStop time", () => {
    const of = (propagation: number) =>
      numbers({ grace: 60, preStop: 5, shutdown: 30 }, { propagation, longestRequest: 29 });
    assert.deepEqual(of(P.cilium), []);
    assert.deepEqual(of(P["kube-proxy"]), [1]);
    assert.deepEqual(of(P["alb-ip"]), [1]);
  });

  it("grace 30, preStop 15, forced exit at 30: killed in the middle of its shutdown", () => {
    const of = (propagation: number) =>
      numbers({ grace: 30, preStop: 15, shutdown: 30 }, { propagation, longestRequest: 29 });
    assert.deepEqual(of(P["kube-proxy"]), [3]);
    assert.deepEqual(of(P["alb-ip"]), [1, 3]);
    assert.deepEqual(of(P.nlb), [1, 3]);
    assert.deepEqual(numbers({ grace: 50, preStop: 15, shutdown: 30 }, { longestRequest: 29 }), []);
  });
});
