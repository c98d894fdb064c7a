import assert from "node:assert/strict";
import { mutated } from "../testing/fixtures";
import { change, say, SETTINGS } from "../testing/judging";

describe("slot-label", () => {
  const bare = change(
    ["metadata.labels", undefined],
    ["spec.selector.matchLabels", { app: "cache" }],
    ["spec.template.metadata.labels", { app: "cache" }],
  );

  it("leaves alone what has nothing to do with slots", () => assert.deepEqual(say(bare).violations, {}));
  it("asks both labels of what our own component makes", () =>
    assert.equal(say(bare, SETTINGS, { ours: true }).violations["slot-label"]?.length, 2));
  it("asks both labels of what names an environment", () =>
    assert.equal(
      say(mutated(bare, 'metadata.labels["hitless.dev/environment"]', "dev")).violations["slot-label"]
        ?.length,
      2,
    ));
});
