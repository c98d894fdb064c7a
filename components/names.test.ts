import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatPins, parsePins, type Pins, slotLabels } from "./names";

describe("pins", () => {
  it("are what they were after having been written down", () => {
    const revision = fc.stringMatching(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,20}-[0-9a-f]{8}$/);
    fc.assert(
      fc.property(
        fc.record({ blue: revision, green: revision }, { requiredKeys: [] }) as fc.Arbitrary<Pins>,
        (pins) => assert.deepEqual(parsePins(formatPins(pins)), { ...pins }),
      ),
    );
  });

  it("read the same in whatever order they were given", () =>
    assert.equal(formatPins({ green: "v2", blue: "v1" }), "blue=v1,green=v2"));

  for (const text of [undefined, "", "blue", "blue=", "pink=v1", ",,="]) {
    it(`are none in ${JSON.stringify(text)}`, () => assert.deepEqual(parsePins(text), {}));
  }
});

describe("labels", () => {
  it("of one slot are those of the environment and the slot's own", () =>
    assert.deepEqual(slotLabels({ app: "shop", environment: "dev", namespace: "x" }, "blue"), {
      "app.kubernetes.io/name": "shop",
      "hitless.dev/environment": "dev",
      "hitless.dev/slot": "blue",
    }));
});
