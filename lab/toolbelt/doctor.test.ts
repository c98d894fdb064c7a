import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { inspect, renderFindings } from "./doctor";

describe("the doctor", () => {
  it("lines up what it found, and says what happens about the rest", () => {
    const lines = renderFindings([
      { name: "pulumi", tool: { path: "/x/pulumi", version: "3.250.0", source: "PATH" } },
      { name: "kube", note: "not built yet" },
    ]);
    assert.deepEqual(lines, [
      "tool    version  from  path",
      "pulumi  3.250.0  PATH  /x/pulumi",
      "kube    -        -     not built yet",
    ]);
  });

  it("works where nothing was built yet, and leaves it so", async () => {
    const before = process.env.XDG_CACHE_HOME;
    const empty = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"));
    process.env.XDG_CACHE_HOME = empty;
    try {
      const findings = await inspect();
      if (process.platform === "linux") {
        assert.match(
          findings.find((it) => it.name === "kube")?.note ?? "",
          /not built yet: `npm start` builds it/,
        );
      }
      assert.ok(findings.every((it) => it.tool || it.note));
      assert.deepEqual(fs.readdirSync(empty), []);
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
      fs.rmSync(empty, { recursive: true });
    }
  });
});
