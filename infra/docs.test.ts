import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { ROOT } from "../shared/paths";
import { parseStackConfig } from "./config";
import { configPage } from "./docs";

describe("docs/config.md", () => {
  it("is what the schemas say (node tools/run.js infra/write-docs.ts writes it)", () =>
    assert.equal(readFileSync(path.join(ROOT, "docs", "config.md"), "utf8"), configPage()));

  it("says of every setting what it is and what it means", () => {
    const rows = configPage().match(/^\| `.*$/gm) ?? [];
    assert(rows.length > 50);
    for (const row of rows) {
      const [, , kind, , meaning] = row
        .split(" | ")
        .join("|")
        .split("|")
        .map((cell) => cell.trim());
      assert(kind && meaning, row);
    }
  });

  it("names the settings of nested sections, list entries and probes", () => {
    for (const key of [
      "workload.probes.readiness.failureThreshold",
      "workload.volumes[].mountPath",
      "service.nodePort",
    ])
      assert.match(configPage(), new RegExp(`^\\| \`${key.replace(/[[\].]/g, "\\$&")}\` `, "m"));
  });

  it("has an example that is accepted", () => {
    const yaml = /```yaml\n([^]*?)```/.exec(configPage())?.[1] ?? "";
    const { config } = parseDocument(yaml).toJS() as { config: Record<string, unknown> };
    const settings = Object.entries(config).map(([key, value]) => [
      key.replace("hitless:", ""),
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    parseStackConfig(Object.fromEntries(settings) as Record<string, string>, "docs/config.md");
  });
});
