import assert from "node:assert/strict";
import { type EnvironmentStatus, renderEnvironment } from "./status";

const status = (changes: Partial<EnvironmentStatus> = {}): EnvironmentStatus => ({
  environment: "dev",
  url: "http://127.0.0.1:30080",
  live: ["blue"],
  shares: { blue: 100 },
  phase: "blue",
  slots: {
    blue: { revision: "v1-11111111", image: "shop:1", desired: 2, ready: 2, clients: 7 },
    green: { revision: null, image: "shop:2", desired: 2, ready: 0, clients: null },
  },
  releasing: null,
  abandoned: null,
  ...changes,
});
const text = (changes?: Partial<EnvironmentStatus>) => renderEnvironment(status(changes)).join("\n");

describe("the status of an environment", () => {
  it("says where it answers, who serves, and what each slot runs", () =>
    assert.equal(
      text(),
      `environment  dev
url          http://127.0.0.1:30080
traffic      blue 100 %

slot   revision                ready   clients  image
blue   v1-11111111             2/2     7        shop:1
green  ?                       0/2     ?        shop:2`,
    ));

  it("shows the share of each slot while traffic moves", () =>
    assert.match(
      text({ live: ["blue", "green"], shares: { blue: 67, green: 33 }, phase: "blue+green" }),
      /^traffic {6}blue 67 %, green 33 %$/m,
    ));

  it("says how to begin where nothing serves", () => {
    const empty = text({ url: null, live: [], shares: {}, phase: "none", slots: {} });
    assert.match(empty, /\(serves nothing yet: hitless up dev\)/);
    assert.match(empty, /^traffic {6}none$/m);
  });

  it("says who releases, since when, and at which step", () =>
    assert.match(
      text({ releasing: { by: "me", since: "2026-01-01T00:00:00.000Z", step: "read back" } }),
      /^releasing {4}read back \(by me since 2026-01-01T00:00:00.000Z\)$/m,
    ));

  it("says that a release was killed, where, and what to do", () =>
    assert.match(
      text({ abandoned: { by: "me", since: "", step: "read back" } }),
      /^interrupted {2}at "read back" \(me is gone\); run the same command again to go on$/m,
    ));
});
