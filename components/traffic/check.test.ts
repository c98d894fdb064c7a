import assert from "node:assert/strict";
import { EMPTY, liveEnvironment, liveSlot, liveTraffic } from "../testing/live";
import { capacityOf, type SlotOutputs, trafficProblems, type WantedTraffic } from "./check";

const V1 = "v1-11111111";
const V2 = "v2-22222222";
const wanted = (changes: Partial<WantedTraffic> = {}): WantedTraffic => ({
  live: ["blue"],
  pins: { blue: V1 },
  capacity: undefined,
  generation: 4,
  ...changes,
});
const moving = (changes: Partial<WantedTraffic> = {}) =>
  wanted({ live: ["blue", "green"], pins: { blue: V1, green: V2 }, generation: 5, ...changes });
const moved = (changes: Partial<WantedTraffic> = {}) =>
  wanted({ live: ["green"], pins: { green: V2 }, generation: 6, ...changes });

const both = () =>
  liveEnvironment({
    traffic: liveTraffic({ live: ["blue", "green"], pins: { blue: V1, green: V2 }, generation: 5 }),
  });
const withSlot = (slot: "blue" | "green", changes: Parameters<typeof liveSlot>[0]) => {
  const environment = liveEnvironment();
  return {
    ...environment,
    slots: { ...environment.slots, [slot]: { ...environment.slots[slot], ...changes } },
  };
};
const said = (want: WantedTraffic, live = liveEnvironment(), outputs: SlotOutputs = {}) =>
  trafficProblems(want, live, outputs).map(({ where, what }) => `${where}: ${what}`);

describe("traffic may", () => {
  it("be applied as it is", () => assert.deepEqual(said(wanted()), []));
  it("be sent to both slots", () => assert.deepEqual(said(moving()), []));
  it("leave both for one, either of them", () => {
    assert.deepEqual(said(moved(), both()), []);
    assert.deepEqual(said(wanted({ generation: 6 }), both()), []);
  });
  it("start with one slot", () => {
    const first = liveEnvironment({ traffic: undefined });
    assert.deepEqual(said(wanted({ generation: 1 }), first), []);
  });
  it("be given back where its selector reaches no slot at all", () =>
    assert.deepEqual(said(moved(), liveEnvironment({ traffic: liveTraffic({ live: [] }) })), []));
});

describe("traffic may not", () => {
  it("skip the phase in which both slots answer", () =>
    assert.deepEqual(said(moved()), [
      "hitless:live: live is blue: going straight to green skips the phase blue+green, in which both slots answer",
    ]));

  it("start with both slots", () =>
    assert.deepEqual(said(moving(), liveEnvironment({ traffic: undefined })), [
      "hitless:live: a first release serves one slot",
    ]));

  it("follow config that is older than what is live", () => {
    assert.deepEqual(trafficProblems(wanted({ generation: 3 }), liveEnvironment(), {}), [
      {
        where: "hitless:generation",
        what: `this config is older than what is live (generation 4, blue at blue=${V1})`,
        value: 3,
        allowed: "4 for what is live, 5 for a change",
        fix: "take the newest config (git pull); to go back on purpose use hitless rollback",
      },
    ]);
  });

  it("follow config of the same number and another content", () =>
    assert.deepEqual(said(moving({ generation: 4 })), [
      `hitless:generation: generation 4 is live as blue at blue=${V1}, and this config says blue+green at blue=${V1},green=${V2}`,
    ]));

  it("go to a slot that is not on the cluster", () => {
    const { blue } = liveEnvironment().slots;
    assert.deepEqual(said(moving(), liveEnvironment({ slots: { ...(blue ? { blue } : {}) } })), [
      "slot green: does not exist on the cluster",
    ]);
    assert.deepEqual(said(wanted(), EMPTY), ["slot blue: does not exist on the cluster"]);
  });

  it("go to a slot without a pin", () =>
    assert.deepEqual(said(moving({ pins: { blue: V1 } })), [
      "hitless:revisions.green: is missing: traffic goes only to a revision that is named",
    ]));

  it("go to a slot that runs another revision on the cluster", () =>
    assert.deepEqual(said(moving(), withSlot("green", { revision: "v3-33333333" })), [
      "hitless:revisions.green: the cluster says that slot green runs v3-33333333, not the pinned revision",
    ]));

  it("go to a slot that runs another revision by its own stack", () => {
    assert.deepEqual(said(moving(), liveEnvironment(), { green: { revision: "v3-33333333" } }), [
      "hitless:revisions.green: its own stack says that slot green runs v3-33333333, not the pinned revision",
    ]);
    assert.deepEqual(said(moving(), liveEnvironment(), { green: { revision: V2 } }), []);
    assert.deepEqual(said(moving(), liveEnvironment(), { green: { revision: undefined } }), []);
  });

  it("go to a slot with fewer ready replicas than its share needs", () => {
    const short = trafficProblems(moving(), withSlot("green", { ready: 1 }), {});
    assert.deepEqual(
      short.map(({ where, what, value, allowed }) => [where, what, value, allowed]),
      [
        [
          "slot green",
          "has 1 ready replicas of its newest revision, and its share of the traffic needs 2",
          1,
          "2 or more",
        ],
      ],
    );
    assert.deepEqual(said(moving(), withSlot("green", { ready: 2 })), []);
  });

  it("be narrowed to a slot that has become too small meanwhile", () => {
    const live = both();
    const small = { ...live, slots: { ...live.slots, green: liveSlot({ revision: V2, ready: 1 }) } };
    assert.equal(said(moved(), small).length, 1);
  });

  it("be moved where several things are wrong, without hearing of all", () =>
    assert.equal(
      said(moving({ generation: 3 }), withSlot("green", { revision: "v3-33333333", ready: 0 })).length,
      3,
    ));
});

describe("traffic that leaves a slot that broke", () => {
  const broken = [
    ["has no ready pod", () => withSlot("blue", { ready: 0 })],
    ["is gone from the cluster", () => liveEnvironment({ slots: { green: liveSlot({ revision: V2 }) } })],
    ["was changed by hand", () => withSlot("blue", { revision: undefined })],
  ] as const;
  for (const [state, live] of broken) {
    it(`may be sent to both slots although the old one ${state}`, () =>
      assert.deepEqual(said(moving(), live()), []));
    it(`may not stay as it is there: nothing proves a slot that ${state}`, () =>
      assert.equal(said(wanted(), live()).length, 1));
  }

  it("may not have the old slot pinned to something else on the way", () =>
    assert.equal(said(moving({ pins: { blue: "v9-99999999", green: V2 } })).length, 1));
});

describe("the replicas a slot needs", () => {
  it("are those that are configured", () =>
    assert.equal(capacityOf(wanted({ capacity: 7 }), liveEnvironment()), 7));
  it("are those that the traffic Service was given, however the slots were scaled since", () =>
    assert.equal(capacityOf(wanted(), withSlot("blue", { desired: 9 })), 2));
  it("are at first what the slot that is to serve wants to have", () =>
    assert.equal(
      capacityOf(
        wanted(),
        liveEnvironment({ traffic: undefined, slots: { blue: liveSlot({ desired: 3 }) } }),
      ),
      3,
    ));
  it("are at least one", () => {
    assert.equal(capacityOf(wanted(), EMPTY), 1);
    const zero = liveEnvironment({ traffic: undefined, slots: { blue: liveSlot({ desired: 0 }) } });
    assert.equal(capacityOf(wanted(), zero), 1);
  });
});
