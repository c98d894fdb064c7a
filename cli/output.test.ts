import assert from "node:assert/strict";
import { refused, unusable } from "../shared/errors";
import { createOutput, reportFailure } from "./output";
import { captured } from "./testing/captured";

const error = refused("traffic is not moved", [
  { where: "slot green", what: "is not ready", value: 1, allowed: "2", fix: "wait" },
]);
const TEXT = `traffic is not moved
  - slot green: is not ready
      value:   1
      allowed: 2
      fix:     wait
`;

describe("a command that fails", () => {
  it("says why on stderr, without a stack, and returns the refusal's exit code", async () => {
    assert.deepEqual(await captured(() => reportFailure(error, false)), {
      value: 1,
      stdout: "",
      stderr: TEXT,
    });
    assert.equal((await captured(() => reportFailure(unusable("no cluster"), false))).value, 2);
  });

  it("says it with --json as one document too", async () => {
    const { value, stdout, stderr } = await captured(() => reportFailure(error, true));
    assert.equal(value, 1);
    assert.equal(stderr, TEXT);
    assert.deepEqual(JSON.parse(stdout), {
      error: { code: 1, message: "traffic is not moved", problems: error.problems },
    });
  });

  for (const thrown of [new TypeError("x is undefined"), "just text", undefined]) {
    it(`admits that it does not know ${String(thrown)}, and exits 2`, async () => {
      const { value, stdout, stderr } = await captured(() => reportFailure(thrown, true));
      assert.equal(value, 2);
      assert.match(stderr, /^hitless failed in a way it does not know:\n/);
      const { error: document } = JSON.parse(stdout) as { error: unknown };
      assert.deepEqual(document, { code: 2, message: String(thrown), problems: [] });
    });
  }
});

describe("a command's result", () => {
  it("is lines for people, or one document", async () => {
    const write = (json: boolean) => captured(() => createOutput(json).result(["a", "b"], { c: 1 }));
    assert.equal((await write(false)).stdout, "a\nb\n");
    assert.deepEqual(JSON.parse((await write(true)).stdout), { c: 1 });
  });
});
