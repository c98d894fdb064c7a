import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { LiveEnvironment } from "../components/live/environment";
import { EMPTY, liveEnvironment, liveSlot, liveTraffic } from "../components/testing/live";
import { record } from "../components/testing/recorder";
import { HitlessError } from "../shared/errors";
import { parseStackConfig, type SlotConfig } from "./config";
import { readFiles, slotRevision } from "./revision";
import { slot } from "./slot";
import { slotSettings, workload } from "./testing/settings";

const config = (changes: Record<string, unknown> = {}) =>
  parseStackConfig(slotSettings(changes), "stacks/Pulumi.dev-blue.yaml") as SlotConfig;
const revision = (changes: Record<string, unknown> = {}, files = {}) => slotRevision(config(changes), files);

describe("the revision of a slot's config", () => {
  const same: [string, Record<string, unknown>][] = [
    ["more replicas", { workload: workload({ replicas: 9 }) }],
    ["a renewal", { renewals: 4 }],
    ["another deadline", { workload: workload({ rollout: { deadline: "9m" } }) }],
    ["the metrics' gauge", { workload: workload({ metrics: { clients: "open" } }) }],
    ["the other slot", { slot: "green" }],
    ["a default that is written down", { workload: workload({ env: {}, drain: { lameDuck: "2s" } }) }],
  ];
  for (const [what, changes] of same) {
    it(`is kept by ${what}`, () => assert.equal(revision(changes), revision()));
  }

  const other: [string, Record<string, unknown>][] = [
    ["the version", { version: "v2" }],
    ["the image", { workload: workload({ image: "node:22" }) }],
    ["an environment variable", { workload: workload({ env: { MODE: "a" } }) }],
    ["a time of the drain budget", { workload: workload({ drain: { longestRequest: "60s" } }) }],
    [
      "a probe",
      { workload: workload({ probes: { readiness: { path: "/ready" }, liveness: { path: "/livez" } } }) },
    ],
  ];
  for (const [what, changes] of other) {
    it(`is changed by ${what}`, () => assert.notEqual(revision(changes), revision()));
  }

  it("is changed by the text of a file, not by where it lies", () => {
    const at = (source: string) => ({ workload: workload({ files: { "/app/a.js": source } }) });
    assert.notEqual(revision(at("a.js"), { "/app/a.js": "1" }), revision(at("a.js"), { "/app/a.js": "2" }));
    assert.equal(revision(at("a.js"), { "/app/a.js": "1" }), revision(at("b.js"), { "/app/a.js": "1" }));
  });
});

describe("the files of a slot", () => {
  it("are read from the project's folder, and those that cannot be are all named", () => {
    const project = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-files-"));
    try {
      fs.writeFileSync(path.join(project, "a.js"), "text");
      const files = { "/app/a.js": "a.js", "/app/b.js": "b.js", "/app/c.js": "." };
      assert.throws(
        () => readFiles(config({ workload: workload({ files }) }), project),
        /files\.\/app\/b\.js: cannot be read \(ENOENT\)[^]*files\.\/app\/c\.js: cannot be read \(EISDIR\)/,
      );
      const good = config({ workload: workload({ files: { "/app/a.js": "a.js" } }) });
      assert.deepEqual(readFiles(good, project), { "/app/a.js": "text" });
    } finally {
      fs.rmSync(project, { recursive: true });
    }
  });
});

describe("a slot stack", () => {
  const run = (
    live: LiveEnvironment,
    changes: Record<string, unknown> = {},
    secrets?: Record<string, string>,
  ) => record(() => slot(config(changes), live, os.tmpdir(), secrets));
  const serving = (changes = {}) => {
    const blue = liveSlot({ revision: revision(), ...changes });
    return liveEnvironment({ traffic: liveTraffic({ pins: { blue: revision() } }), slots: { blue } });
  };

  it("registers its workload where there is nothing yet", async () => {
    const { all, error } = await run(EMPTY);
    assert.equal(error, undefined);
    assert.deepEqual(
      all.map(({ type }) => type),
      ["hitless:components:SlotWorkload", "kubernetes:apps/v1:Deployment"],
    );
  });

  it("registers its secrets as secrets, and tells by a mark that they changed", async () => {
    const mark = async (value: string) => {
      const { inputs, secretInputs } = (await run(EMPTY, {}, { TOKEN: value })).registered(
        "kubernetes:core/v1:Secret",
      );
      assert.deepEqual(secretInputs, ["stringData"]);
      return (inputs["metadata"] as { name: string }).name;
    };
    assert.notEqual(await mark("one"), await mark("two"));
    assert.equal(await mark("one"), await mark("one"));
  });

  const refusals: [string, LiveEnvironment, Record<string, unknown>][] = [
    ["another revision of the live slot", serving(), { version: "v2" }],
    ["fewer replicas of the live slot", serving(), { workload: workload({ replicas: 1 }) }],
    ["config older than what is live", serving({ renewals: 2 }), { renewals: 1 }],
    ["a file that is not there", EMPTY, { workload: workload({ files: { "/app/a.js": "nowhere.js" } }) }],
  ];
  for (const [what, live, changes] of refusals) {
    it(`registers nothing when it refuses ${what}`, async () => {
      const { all, error } = await run(live, changes);
      assert(error instanceof HitlessError, String(error));
      assert.deepEqual(all, []);
    });
  }

  it("renews the live slot", async () => {
    const { error, registered } = await run(serving(), { renewals: 1 });
    assert.equal(error, undefined);
    assert.match(
      JSON.stringify(registered("kubernetes:apps/v1:Deployment").inputs),
      /"hitless.dev\/renewals":"1"/,
    );
  });
});
