import type { LiveEnvironment, LiveSlot, LiveTraffic } from "../live/environment";

/** A slot that is up, with two of two pods ready. */
export const liveSlot = (changes: Partial<LiveSlot> = {}): LiveSlot => ({
  uid: "1",
  revision: "v1-11111111",
  secretsMark: undefined,
  image: "shop:1",
  renewals: 0,
  desired: 2,
  ready: 2,
  settled: true,
  ...changes,
});

/** Traffic that blue has alone. */
export const liveTraffic = (changes: Partial<LiveTraffic> = {}): LiveTraffic => ({
  uid: "2",
  resourceVersion: "1",
  generation: 4,
  live: ["blue"],
  pins: { blue: "v1-11111111" },
  capacity: 2,
  port: { port: 80 },
  clusterIP: "10.0.0.1",
  ...changes,
});

/** Blue serves v1, green stands by with v2. */
export const liveEnvironment = (changes: Partial<LiveEnvironment> = {}): LiveEnvironment => ({
  traffic: liveTraffic(),
  slots: { blue: liveSlot(), green: liveSlot({ uid: "3", revision: "v2-22222222", image: "shop:2" }) },
  releasing: undefined,
  ...changes,
});

export const EMPTY: LiveEnvironment = { traffic: undefined, slots: {}, releasing: undefined };
