import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { ROOT } from "../shared/paths";
import { policiesPage } from "./docs";
import { RULES } from "./rules";

describe("docs/policies.md", () => {
  it("is what the rules say (node tools/run.js policies/write-docs.ts writes it)", () =>
    assert.equal(readFileSync(path.join(ROOT, "docs", "policies.md"), "utf8"), policiesPage()));

  it("has the anchor of every rule's message", () => {
    for (const { id } of RULES) assert.match(policiesPage(), new RegExp(`^## ${id}$`, "m"));
  });
});
