import assert from "node:assert/strict";
import type { Slot } from "../components/names";
import { finishedMessage, parseFinished, rollbackTarget } from "./messages";

const message = (kind: "release" | "cutover" | "rollback", slot: Slot, revision: string) =>
  finishedMessage("dev", { kind, slot, pins: { [slot]: revision } });

/** A history as the engine gives it: newest first. */
const history = (...messages: string[]) =>
  messages.map((text, index) => ({ message: text, version: index + 1 })).reverse();

const A = "v1-aaaaaaaa";
const B = "v2-bbbbbbbb";
const C = "v3-cccccccc";
const first = message("release", "blue", A);
const second = message("cutover", "green", B);
const third = message("cutover", "blue", C);
const target = (updates: ReturnType<typeof history>, version?: string) => {
  const found = rollbackTarget(updates, version);
  return found && `${found.slot} ${found.pins[found.slot]}`;
};

describe("the message of an update that finished a release", () => {
  it("is read as it was written", () => {
    for (const kind of ["release", "cutover", "rollback"] as const) {
      const finished = { kind, slot: "green" as const, pins: { green: B } };
      assert.deepEqual(parseFinished(finishedMessage("dev", finished)), finished);
    }
  });

  it("is not mistaken for one of an update that only began it, or of anybody else", () => {
    for (const text of [
      "hitless cutover: dev blue+green",
      "hitless: dev-blue",
      "",
      `note: ${second}`,
      `${second} not`,
    ])
      assert.equal(parseFinished(text), undefined, text);
  });
});

describe("a rollback goes", () => {
  it("to what was live before the last cutover", () =>
    assert.equal(target(history(first, second)), `blue ${A}`));

  it("past updates that finished nothing", () =>
    assert.equal(
      target(history(first, "hitless cutover: dev blue+green", second, "hitless: dev unchanged", "by hand")),
      `blue ${A}`,
    ));

  it("one step further when it follows a rollback", () => {
    const once = history(first, second, third, message("rollback", "green", B));
    assert.equal(target(once), `blue ${A}`);
    const twice = history(
      first,
      second,
      third,
      message("rollback", "green", B),
      message("rollback", "blue", A),
    );
    assert.equal(target(twice), undefined);
  });

  it("back from a cutover that followed a rollback", () =>
    assert.equal(
      target(history(first, second, message("rollback", "blue", A), message("cutover", "green", C))),
      `blue ${A}`,
    ));

  it("to the newest of two finishes of one config only once", () =>
    assert.equal(target(history(first, second, second)), `blue ${A}`));

  it("to a config that was live twice, to its newer time", () =>
    assert.equal(target(history(first, second, message("cutover", "blue", A), third)), `blue ${A}`));

  it("to the version that is named, or the revision", () => {
    const updates = history(first, second, third);
    assert.equal(target(updates, "v1"), `blue ${A}`);
    assert.equal(target(updates, A), `blue ${A}`);
    assert.equal(target(updates, "v2"), `green ${B}`);
  });

  it("nowhere by a version that never finished, or by the one that is live", () => {
    const updates = history(first, second, third);
    assert.equal(target(updates, "v9"), undefined);
    assert.equal(target(updates, "v3"), undefined);
    assert.equal(target(updates, "v1-00000000"), undefined);
  });

  it("nowhere before anything finished, and after the first release", () => {
    assert.equal(target([]), undefined);
    assert.equal(target(history("by hand")), undefined);
    assert.equal(target(history(first)), undefined);
  });

  it("to the earlier revision of a slot that was updated in place", () =>
    assert.equal(target(history(first, message("release", "blue", B))), `blue ${A}`));
});
