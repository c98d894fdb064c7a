import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { failed, PACK_VERSION, readViolations } from "./engine";

const OUTPUT = `Updating (dev-blue):

Loading policy packs...

@ updating.....
    pulumi:pulumi:Stack hitless-dev-blue running
 @ updating....
    kubernetes:apps/v1:Deployment shop-blue **updating failed** 1 error
Diagnostics:
  kubernetes:apps/v1:Deployment (shop-blue):
    error: the Deployment did not become ready: ImagePullBackOff

Outputs:
    revision: "v1-11111111"

Resources:
    3 unchanged

Duration: 12s
View in Browser (Ctrl+O): https://example.com
`;

describe("the error of an update that did not go through", () => {
  it("is the engine's own words, without progress, outputs and counts", () => {
    const error = failed("pulumi up of dev-blue", { code: 255, output: OUTPUT, policy: [] });
    assert.equal(error.code, 1);
    assert.equal(
      error.message,
      `pulumi up of dev-blue did not go through:
    pulumi:pulumi:Stack hitless-dev-blue running
    kubernetes:apps/v1:Deployment shop-blue **updating failed** 1 error
Diagnostics:
  kubernetes:apps/v1:Deployment (shop-blue):
    error: the Deployment did not become ready: ImagePullBackOff`,
    );
  });

  it("is what there is where the engine said little", () =>
    assert.equal(
      failed("pulumi cancel of dev-blue", { code: 1, output: "error: no stack\n", policy: [] }).message,
      "pulumi cancel of dev-blue did not go through:\nerror: no stack",
    ));
});

describe("what the policy pack said", () => {
  let dir: string;
  beforeEach(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-events-"))));
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  const event = {
    policyEvent: {
      policyName: "readiness-probe",
      policyPackName: "hitless",
      policyPackVersion: "0.1.0",
      enforcementLevel: "mandatory",
      message: "no readiness probe",
      resourceUrn: "urn:1",
    },
  };
  const from = (...lines: string[]) => {
    const file = path.join(dir, "events");
    fs.writeFileSync(file, lines.join("\n"));
    return readViolations(file);
  };

  it("is one entry a violation, among all the other events", () =>
    assert.deepEqual(from('{"preludeEvent":{}}', JSON.stringify(event), '{"summaryEvent":{}}', ""), [
      {
        policy: "readiness-probe",
        pack: "hitless",
        version: "0.1.0",
        level: "mandatory",
        message: "no readiness probe",
        urn: "urn:1",
      },
    ]));

  it("is what there is of a log that was cut off, or of none", () => {
    assert.equal(from(JSON.stringify(event), '{"policyEve').length, 1);
    assert.deepEqual(readViolations(path.join(dir, "nowhere")), []);
  });

  it("comes from the pack in this repository", () => assert.match(PACK_VERSION, /^\d+\.\d+\.\d+$/));
});
