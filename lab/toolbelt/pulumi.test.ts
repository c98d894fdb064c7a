import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { VERSIONS } from "./pins";
import { acceptable, presentEngine, presentProvider } from "./pulumi";

describe("the choice of a Pulumi", () => {
  const versions: [string, boolean][] = [
    ["3.200.0", true],
    ["3.250.0", true],
    ["3.1000.0", true],
    ["v3.201.4-alpha.1", true],
    ["3.199.9", false],
    ["2.999.0", false],
    ["4.0.0", false],
    ["dev", false],
  ];
  for (const [version, taken] of versions) {
    it(`${taken ? "takes" : "leaves"} ${version}`, () => assert.equal(acceptable(version), taken));
  }

  describe("of a user's own", () => {
    let dir: string;
    const before = {
      PATH: process.env.PATH,
      PULUMI_HOME: process.env.PULUMI_HOME,
      XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
    };
    beforeEach(() => {
      dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"));
      Object.assign(process.env, {
        PATH: `${path.join(dir, "old")}:${path.join(dir, "new")}:/usr/bin:/bin`,
        PULUMI_HOME: path.join(dir, "home"),
        XDG_CACHE_HOME: path.join(dir, "cache"),
      });
    });
    afterEach(() => {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      fs.rmSync(dir, { recursive: true });
    });

    function executable(at: string, text: string): string {
      const file = path.join(dir, at);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return file;
    }
    const nothingBuilt = () => Promise.resolve(undefined);

    it("the first on PATH that is new enough is taken, with the language host beside it", async () => {
      executable("old/pulumi", "echo v3.100.0");
      const good = executable("new/pulumi", "echo v3.260.1");
      const language = executable("new/pulumi-language-nodejs", "");
      const engine = await presentEngine(nothingBuilt);
      assert.deepEqual(engine, {
        pulumi: { name: "pulumi", path: good, version: "3.260.1", source: "PATH" },
        language,
      });
    });

    it("one in PULUMI_HOME is found that is not on PATH", async () => {
      const good = executable("home/bin/pulumi", "echo v3.250.0");
      const engine = await presentEngine(nothingBuilt);
      assert.deepEqual(engine, {
        pulumi: { name: "pulumi", path: good, version: "3.250.0", source: "PULUMI_HOME" },
      });
    });

    it("one that does not run is left", async () => {
      executable("new/pulumi", "exit 1");
      assert.equal(await presentEngine(nothingBuilt), undefined);
    });

    it("asking its version writes nothing into the user's PULUMI_HOME", async () => {
      executable("new/pulumi", 'mkdir -p "$PULUMI_HOME/logs"; echo v3.250.0');
      await presentEngine(nothingBuilt);
      assert.equal(fs.existsSync(path.join(dir, "home")), false);
    });

    it("a provider plugin of the pinned version is taken, one of another is not", async () => {
      const name = "pulumi-resource-kubernetes";
      executable(`home/plugins/resource-kubernetes-v4.0.0/${name}`, "");
      assert.equal(await presentProvider(nothingBuilt), undefined);
      const version = VERSIONS.kubernetesProvider;
      const good = executable(`home/plugins/resource-kubernetes-v${version}/${name}`, "");
      assert.deepEqual(await presentProvider(nothingBuilt), {
        name,
        path: good,
        version,
        source: "PULUMI_HOME",
      });
    });
  });
});
