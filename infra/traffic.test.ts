import assert from "node:assert/strict";
import type { LiveEnvironment } from "../components/live/environment";
import { EMPTY, liveEnvironment, liveSlot } from "../components/testing/live";
import { record } from "../components/testing/recorder";
import { HitlessError } from "../shared/errors";
import { parseStackConfig, type TrafficConfig } from "./config";
import { trafficSettings } from "./testing/settings";
import { traffic } from "./traffic";

const V1 = "v1-11111111";
const V2 = "v2-22222222";
const run = (live: LiveEnvironment, changes: Record<string, unknown> = {}, blue = V1, green = V2) => {
  const config = parseStackConfig(
    trafficSettings(changes),
    "stacks/Pulumi.dev-traffic.yaml",
  ) as TrafficConfig;
  return record(() => traffic(config, live), {
    "organization/hitless/dev-blue": { revision: blue },
    "organization/hitless/dev-green": { revision: green },
  });
};
const both = { live: ["blue", "green"], revisions: { blue: V1, green: V2 }, generation: 5 };

describe("a traffic stack", () => {
  it("registers its Service where cluster and slots agree with the config", async () => {
    const { all, error, registered } = await run(liveEnvironment(), both);
    assert.equal(error, undefined);
    assert.deepEqual(
      all.map(({ type }) => type),
      ["hitless:components:SelectorTraffic", "kubernetes:core/v1:Service"],
    );
    const { annotations } = registered("kubernetes:core/v1:Service").inputs["metadata"] as {
      annotations: Record<string, string>;
    };
    assert.equal(annotations["hitless.dev/pins"], `blue=${V1},green=${V2}`);
    assert.equal(annotations["hitless.dev/generation"], "5");
    assert.equal(annotations["hitless.dev/capacity"], "2");
  });

  it("leaves out the pin of a slot that gets no traffic", async () => {
    const { registered } = await run(liveEnvironment(), { revisions: { blue: V1, green: V2 } });
    assert.match(
      JSON.stringify(registered("kubernetes:core/v1:Service").inputs),
      new RegExp(`"hitless.dev/pins":"blue=${V1}"`),
    );
  });

  const refusals: [string, LiveEnvironment, Record<string, unknown>, string?, string?][] = [
    ["a slot that does not exist", EMPTY, {}],
    ["a skipped phase", liveEnvironment(), { ...both, live: ["green"] }],
    ["older config", liveEnvironment(), { generation: 3 }],
    ["a slot that is not ready", liveEnvironment({ slots: { blue: liveSlot({ ready: 1 }) } }), {}],
    ["a revision that the slot's own stack does not have", liveEnvironment(), both, V1, "v9-99999999"],
  ];
  for (const [what, live, changes, blue, green] of refusals) {
    it(`registers nothing when it refuses ${what}`, async () => {
      const { all, error } = await run(live, changes, blue, green);
      assert(error instanceof HitlessError, String(error));
      assert.deepEqual(all, []);
    });
  }
});
