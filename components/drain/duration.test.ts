import assert from "node:assert/strict";
import fc from "fast-check";
import { duration, DurationError, seconds } from "./duration";

describe("a duration", () => {
  for (const [text, value] of [
    ["500ms", 0.5],
    ["30s", 30],
    ["0.25s", 0.25],
    ["2m", 120],
    ["1m30s", 90],
    ["1h", 3600],
    ["1h1m1s1ms", 3661.001],
    ["0s", 0],
  ] as const) {
    it(`${text} is ${value} seconds`, () => assert.equal(seconds(text), value));
  }

  for (const text of [
    "",
    "30",
    "30 s",
    "s",
    "-1s",
    "1d",
    "1,5s",
    "1s ",
    "1e3s",
    "∞s",
    30,
    null,
    undefined,
    ["1s"],
  ]) {
    it(`${JSON.stringify(text)} is none`, () => assert.throws(() => seconds(text as string), DurationError));
  }

  it("that is none is named, with examples of what is", () =>
    assert.throws(() => seconds("30"), {
      message:
        '"30" is not a duration: a number with a unit is wanted, such as "500ms", "30s", "1m30s" or "2h"',
    }));

  for (const [value, text] of [
    [0, "0s"],
    [0.5, "500ms"],
    [1.5, "1.5s"],
    [60, "1m"],
    [90, "1m30s"],
    [3600, "1h"],
    [10_800, "3h"],
    [3661, "1h1m1s"],
  ] as const) {
    it(`of ${value} seconds is written ${text}`, () => assert.equal(duration(value), text));
  }

  it("written from any whole number of milliseconds reads the same", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), (ms) => assert.equal(seconds(duration(ms / 1000)), ms / 1000)),
    );
  });
});
