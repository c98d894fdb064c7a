import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { HitlessError } from "../shared/errors";
import { slotSettings, trafficSettings, workload } from "../infra/testing/settings";
import {
  editConfig,
  findProject,
  type Project,
  rawSettings,
  readConfig,
  readEnvironmentFiles,
} from "./project";

describe("a project's files", () => {
  let dir: string;
  let project: Project;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-project-"));
    fs.mkdirSync(path.join(dir, "stacks"));
    fs.writeFileSync(path.join(dir, "Pulumi.yaml"), "name: shop\nruntime: nodejs\nstackConfigDir: stacks\n");
    project = findProject(dir);
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  const write = (stack: string, text: string): string => {
    const file = path.join(dir, "stacks", `Pulumi.${stack}.yaml`);
    fs.writeFileSync(file, text);
    return file;
  };
  const writeSettings = (stack: string, settings: Record<string, string>) =>
    write(
      stack,
      `config:\n${Object.entries(settings)
        .map(([key, value]) => `  shop:${key}: ${value}\n`)
        .join("")}`,
    );
  const refusal = (work: () => unknown): HitlessError => {
    try {
      work();
    } catch (error) {
      assert(error instanceof HitlessError, String(error));
      return error;
    }
    return assert.fail("accepted");
  };

  describe("finding the project", () => {
    it("looks in the folders above", () => {
      const inner = path.join(dir, "a", "b");
      fs.mkdirSync(inner, { recursive: true });
      assert.deepEqual(findProject(inner), { dir, name: "shop", stacksDir: path.join(dir, "stacks") });
    });

    it("says what to do where there is none", () => {
      const error = refusal(() => findProject(os.tmpdir()));
      assert.equal(error.code, 2);
      assert.match(error.message, /there is no Pulumi.yaml here or above[^]*-C DIR/);
    });

    it("names a Pulumi.yaml that is not YAML", () => {
      fs.writeFileSync(path.join(dir, "Pulumi.yaml"), "name: [");
      const error = refusal(() => findProject(dir));
      assert.equal(error.code, 2);
      assert.match(error.message, /Pulumi\.yaml is not YAML/);
    });

    for (const text of ["", "5", "- a", "name: 5\nstackConfigDir: [a]"]) {
      it(`takes the defaults where Pulumi.yaml says ${JSON.stringify(text)}`, () => {
        fs.writeFileSync(path.join(dir, "Pulumi.yaml"), text);
        assert.deepEqual(findProject(dir), { dir, name: "hitless", stacksDir: dir });
      });
    }
  });

  describe("reading an environment", () => {
    it("finds its stacks, of which only traffic must be there", () => {
      writeSettings("dev-traffic", trafficSettings());
      writeSettings("dev-green", slotSettings({ slot: "green" }));
      const { platform, slots, traffic } = readEnvironmentFiles(project, "dev");
      assert.equal(platform, undefined);
      assert.deepEqual(Object.keys(slots), ["green"]);
      assert.equal(traffic.stack, "dev-traffic");
      assert.equal(traffic.config.generation, 4);
    });

    it("lists the environments there are when it is asked for another", () => {
      writeSettings("dev-traffic", trafficSettings());
      writeSettings("prod-traffic", trafficSettings({ environment: "prod" }));
      const error = refusal(() => readEnvironmentFiles(project, "stage"));
      assert.equal(error.code, 2);
      assert.equal(error.title, "there is no environment stage");
      assert.equal(error.problems[0]?.allowed, "dev, prod");
    });

    it("says so where there are no environments, or no folder of stacks", () => {
      const allowed = () => refusal(() => readEnvironmentFiles(project, "dev")).problems[0]?.allowed;
      assert.equal(allowed(), "(the project has no environments yet)");
      fs.rmSync(path.join(dir, "stacks"), { recursive: true });
      assert.equal(allowed(), "(the project has no environments yet)");
    });

    it("names the file that is not YAML", () => {
      const file = write("dev-traffic", "config:\n  shop:role: [traffic\n");
      const error = refusal(() => readConfig(project, file));
      assert.equal(error.code, 2);
      assert.equal(error.title, "stacks/Pulumi.dev-traffic.yaml is not YAML");
      assert.match(error.message, /line 3/);
    });

    it("names the file whose config is not valid", () => {
      const file = writeSettings("dev-traffic", trafficSettings({ live: ["pink"] }));
      assert.match(
        refusal(() => readConfig(project, file)).message,
        /stacks\/Pulumi\.dev-traffic\.yaml, hitless:live\.0/,
      );
    });

    for (const text of ["", "config:\n", "config: text\n", "config: []\n", "- a\n"]) {
      it(`finds no settings in ${JSON.stringify(text)}, and says what is missing`, () => {
        const file = write("dev-traffic", text);
        assert.deepEqual(rawSettings(project, file), {});
        assert.match(refusal(() => readConfig(project, file)).message, /hitless:role: is missing/);
      });
    }

    it("takes a version as it is written, as the engine does: 1.10 is not 1.1", () => {
      const file = writeSettings("dev-blue", slotSettings({ version: "1.10" }));
      assert.equal(rawSettings(project, file)["version"], "1.10");
      const config = readConfig(project, file);
      assert(config.role === "slot");
      assert.equal(config.version, "1.10");
    });

    it("leaves secrets alone, and other projects' settings", () => {
      const settings = slotSettings({ secrets: { TOKEN: { secure: "v1:abc" } } });
      const file = writeSettings("dev-blue", { ...settings });
      fs.appendFileSync(file, "  kubernetes:context: kind\n");
      assert.equal(readConfig(project, file).role, "slot");
      assert.equal("context" in rawSettings(project, file), false);
    });

    it("follows anchors, so that a workload is written once", () => {
      const rest = slotSettings({ workload: undefined });
      const file = writeSettings("dev-blue", rest);
      fs.appendFileSync(
        file,
        `  x: &all ${JSON.stringify(workload({ replicas: 5 }))}\n  shop:workload: *all\n`,
      );
      const config = readConfig(project, file);
      assert(config.role === "slot");
      assert.equal(config.workload.replicas, 5);
    });
  });

  describe("editing a stack's config", () => {
    const TEXT = `# Who serves.
encryptionsalt: v1:abc
config:
  shop:role: traffic
  # Which slots get traffic.
  shop:live: [ blue ] # one, or both
  shop:revisions:
    # What they must run.
    blue: v1-11111111

  shop:generation: 4 # grows
  kubernetes:context: kind
`;
    it("changes the values and keeps every comment and everything else", () => {
      const file = write("dev-traffic", TEXT);
      editConfig(project, file, {
        live: ["blue", "green"],
        revisions: { blue: "v1-11111111", green: "v2-2" },
        generation: 5,
      });
      assert.equal(
        fs.readFileSync(file, "utf8"),
        TEXT.replace("[ blue ]", "[ blue, green ]")
          .replace("    blue: v1-11111111\n", "    blue: v1-11111111\n    green: v2-2\n")
          .replace("generation: 4", "generation: 5"),
      );
      editConfig(project, file, { live: ["blue"], revisions: { blue: "v1-11111111" }, generation: 4 });
      assert.equal(fs.readFileSync(file, "utf8"), TEXT);
    });

    it("adds what is not there yet", () => {
      const file = write("dev-blue", "config:\n  shop:role: slot\n");
      editConfig(project, file, { renewals: 1 });
      assert.equal(fs.readFileSync(file, "utf8"), "config:\n  shop:role: slot\n  shop:renewals: 1\n");
    });

    it("leaves a file that is not YAML as it is, and nothing beside it", () => {
      const file = write("dev-blue", "config: [");
      refusal(() => editConfig(project, file, { renewals: 1 }));
      assert.equal(fs.readFileSync(file, "utf8"), "config: [");
      assert.deepEqual(fs.readdirSync(path.dirname(file)), ["Pulumi.dev-blue.yaml"]);
    });
  });
});
