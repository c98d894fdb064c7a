import assert from "node:assert/strict";
import type { Origin } from "../model";
import { change, say, SETTINGS } from "../testing/judging";

describe("Recreate", () => {
  const ENVIRONMENT = 'metadata.labels["hitless.dev/environment"]';
  const recreating = (environment: unknown, origin: Partial<Origin> = {}) =>
    Object.keys(
      say(change(["spec.strategy", { type: "Recreate" }], [ENVIRONMENT, environment]), SETTINGS, origin)
        .violations,
    );

  it("is allowed in dev, where maxSurge and maxUnavailable then do not apply", () =>
    assert.deepEqual(recreating("dev"), []));
  it("is refused in production, by any of its names", () => {
    assert.deepEqual(recreating("prod"), ["recreate"]);
    assert.deepEqual(recreating("production"), ["recreate"]);
  });
  it("is refused where no environment is named", () => {
    assert.deepEqual(recreating(undefined), ["recreate"]);
    assert.deepEqual(recreating(""), ["recreate"]);
  });
  it("is refused in a production stack, whatever the label says", () => {
    assert.deepEqual(recreating("dev", { stack: "prod-green" }), ["recreate"]);
    assert.deepEqual(recreating("dev", { stack: "prod" }), ["recreate"]);
    assert.deepEqual(recreating("dev", { stack: "product-search" }), []);
  });
  it("and an unknown strategy could not be read", () =>
    assert.deepEqual(Object.keys(say(change(["spec.strategy.type", "Sideways"])).violations), [
      "max-unavailable",
      "max-surge",
      "recreate",
    ]));
});
