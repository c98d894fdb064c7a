import assert from "node:assert/strict";
import { EMPTY, liveEnvironment, liveSlot, liveTraffic } from "../testing/live";
import { slotProblems, type WantedSlot } from "./check";

const wanted = (changes: Partial<WantedSlot> = {}): WantedSlot => ({
  slot: "blue",
  strategy: "blue-green",
  revision: "v1-11111111",
  secretsMark: undefined,
  replicas: 2,
  renewals: 0,
  rollout: "RollingUpdate",
  ...changes,
});
const where = (changes: Partial<WantedSlot>, live = liveEnvironment()) =>
  slotProblems(wanted(changes), live).map((problem) => problem.where);

describe("a slot that has traffic", () => {
  it("may be applied as it is, renewed, and scaled up", () => {
    assert.deepEqual(where({}), []);
    assert.deepEqual(where({ renewals: 1 }), []);
    assert.deepEqual(where({ replicas: 5 }), []);
  });

  it("may not get another revision: blue-green never changes pods that get traffic", () => {
    const [problem, ...more] = slotProblems(wanted({ revision: "v3-33333333" }), liveEnvironment());
    assert.deepEqual(more, []);
    assert.deepEqual(problem, {
      where: "slot blue",
      what: "is live with revision v1-11111111, and this config is revision v3-33333333: blue-green never changes pods that get traffic",
      value: "v3-33333333",
      allowed: "v1-11111111 while blue is live",
      fix: "release it to the other slot and cut over (hitless up ENV --slot green), or set hitless:strategy to rolling",
    });
  });

  it("may get another revision with strategy rolling", () =>
    assert.deepEqual(where({ strategy: "rolling", revision: "v3-33333333" }), []));

  it("may not get other secrets, unless with strategy rolling", () => {
    assert.deepEqual(where({ secretsMark: "12345678" }), ["hitless:secrets"]);
    assert.deepEqual(where({ strategy: "rolling", secretsMark: "12345678" }), []);
    const same = liveEnvironment({ slots: { blue: liveSlot({ secretsMark: "12345678" }) } });
    assert.deepEqual(where({ secretsMark: "12345678" }, same), []);
    assert.deepEqual(where({ secretsMark: undefined }, same), ["hitless:secrets"]);
  });

  for (const strategy of ["blue-green", "rolling"] as const) {
    it(`may not be scaled below what traffic needs, with strategy ${strategy}`, () => {
      assert.deepEqual(where({ strategy, replicas: 1 }), ["hitless:workload.replicas"]);
      assert.deepEqual(where({ strategy, replicas: 0 }), ["hitless:workload.replicas"]);
    });

    it(`may not be replaced all at once, with strategy ${strategy}`, () =>
      assert.deepEqual(where({ strategy, rollout: "Recreate" }), ["hitless:workload.rollout.type"]));
  }

  it("may be scaled down to what traffic needs after that was lowered", () => {
    const live = liveEnvironment({ traffic: liveTraffic({ capacity: 1 }) });
    assert.deepEqual(where({ replicas: 1 }, live), []);
  });

  it("counts as live while traffic moves, whichever of the two it is", () => {
    const both = liveEnvironment({ traffic: liveTraffic({ live: ["blue", "green"] }) });
    assert.deepEqual(where({ slot: "green", revision: "v3-33333333" }, both), ["slot green"]);
    assert.deepEqual(where({ revision: "v3-33333333" }, both), ["slot blue"]);
  });

  it("may be made again where somebody deleted it", () =>
    assert.deepEqual(where({ revision: "v3-33333333" }, liveEnvironment({ slots: {} })), []));

  it("hears of everything that is wrong at once", () =>
    assert.deepEqual(
      where(
        { revision: "v3-33333333", secretsMark: "12345678", replicas: 0, rollout: "Recreate", renewals: 1 },
        liveEnvironment({ slots: { blue: liveSlot({ renewals: 2 }) } }),
      ),
      [
        "hitless:renewals",
        "slot blue",
        "hitless:secrets",
        "hitless:workload.rollout.type",
        "hitless:workload.replicas",
      ],
    ));
});

describe("a slot without traffic", () => {
  it("may be changed at will", () =>
    assert.deepEqual(
      where({
        slot: "green",
        revision: "v9-99999999",
        secretsMark: "12345678",
        replicas: 0,
        rollout: "Recreate",
      }),
      [],
    ));

  it("may be the first that there is", () => assert.deepEqual(where({}, EMPTY), []));

  it("refuses config that is older than what is live, by its renewals", () => {
    const renewed = liveEnvironment({ slots: { green: liveSlot({ renewals: 3 }) } });
    assert.deepEqual(where({ slot: "green", renewals: 2 }, renewed), ["hitless:renewals"]);
    assert.deepEqual(where({ slot: "green", renewals: 3 }, renewed), []);
  });
});
