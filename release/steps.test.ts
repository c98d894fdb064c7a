import assert from "node:assert/strict";
import { refused } from "../shared/errors";
import type { Progress } from "../shared/progress";
import { Steps } from "./steps";

const listening = () => {
  const lines: string[] = [];
  const progress: Progress = {
    note: (line) => void lines.push(line),
    start: (title) => ({
      update: (detail) => void lines.push(`... ${title}: ${detail}`),
      done: () => void lines.push(`ok ${title}`),
      fail: (detail) => void lines.push(`NO ${title}: ${detail}`),
    }),
  };
  return { lines, progress };
};

describe("the steps of a release", () => {
  it("run in order, are announced first, and are written down", async () => {
    const { lines, progress } = listening();
    const steps = new Steps(progress, (title) => Promise.resolve(void lines.push(`announced ${title}`)));
    assert.equal(await steps.run("one", (update) => Promise.resolve(update("half")).then(() => 7)), 7);
    await steps.run("two", () => Promise.resolve());
    assert.deepEqual(lines, ["announced one", "... one: half", "ok one", "announced two", "ok two"]);
    assert.deepEqual(
      steps.records.map(({ title, ok }) => [title, ok]),
      [
        ["one", true],
        ["two", true],
      ],
    );
    for (const { startedAt, durationMs } of steps.records) {
      assert.equal(new Date(startedAt).toISOString(), startedAt);
      assert(durationMs >= 0);
    }
  });

  it("pass on why one failed, and write it down as failed", async () => {
    const { lines, progress } = listening();
    const steps = new Steps(progress);
    await assert.rejects(
      steps.run("one", () => Promise.reject(refused("no room\nmore"))),
      /no room/,
    );
    assert.deepEqual(lines, ["NO one: no room"]);
    assert.deepEqual(
      steps.records.map(({ title, ok }) => [title, ok]),
      [["one", false]],
    );
  });

  it("do not begin once the release was interrupted, and say after which step", async () => {
    const stop = new AbortController();
    const { progress } = listening();
    const steps = new Steps(progress, undefined, stop.signal);
    await steps.run("one", () => Promise.resolve(stop.abort()));
    let ran = false;
    await assert.rejects(
      steps.run("two", () => Promise.resolve((ran = true))),
      /interrupted after the step "one"[^]*nothing is half applied/,
    );
    assert.equal(ran, false);
    assert.equal(steps.records.length, 1);
  });

  it("do not begin at all where the interrupt came before", () =>
    assert.throws(
      () => new Steps(listening().progress, undefined, AbortSignal.abort()).stopIfInterrupted(),
      /interrupted before the first step/,
    ));

  it("do not run where they cannot be announced: the Lease is lost", async () => {
    const steps = new Steps(listening().progress, () => Promise.reject(new Error("lost")));
    await assert.rejects(
      steps.run("one", () => assert.fail("ran")),
      /lost/,
    );
  });
});
