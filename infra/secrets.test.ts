import assert from "node:assert/strict";
import { HitlessError } from "../shared/errors";
import { readSecrets } from "./secrets";

const FILE = "stacks/Pulumi.dev-blue.yaml";

describe("the secrets of a slot", () => {
  it("are names with a text each, or none at all", () => {
    assert.deepEqual(readSecrets('{"TOKEN":"a"}', FILE), { TOKEN: "a" });
    assert.equal(readSecrets(undefined, FILE), undefined);
  });

  for (const text of ["hunter2", '["hunter2"]', "null", '"hunter2"', '{"TOKEN":{"of":"hunter2"},"B":5}']) {
    it(`are refused as ${text.replace("hunter2", "...")} without being shown`, () =>
      assert.throws(
        () => readSecrets(text, FILE),
        (error) =>
          error instanceof HitlessError && !/hunter2/.test(JSON.stringify([error.message, error.stack])),
      ));
  }

  it("are named, each that is wrong", () =>
    assert.throws(
      () => readSecrets('{"A":1,"B":"b","C":null}', FILE),
      /secrets\.A: is not text[^]*secrets\.C: is not text/,
    ));
});
