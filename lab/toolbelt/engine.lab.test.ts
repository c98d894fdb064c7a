import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lineProgress } from "../../shared/progress";
import { ensureEngine } from "./engine";
import { identify, lives } from "./identity";
import { descendants, Project } from "./testing/project";
import type { EngineTools } from "./types";

const PULUMI_YAML = "name: tiny\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n";

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
console.log("a line from the program");
exports.answer = 42;
exports.secret = config.getSecret("password");
const other = config.get("reads");
if (other) exports.theirs = new pulumi.StackReference("organization/tiny/" + other).getOutput("answer");
if (config.get("fails")) throw new Error("deliberate");
if (config.get("hangs")) setInterval(() => {}, 1000);
`;

const PACK = `
const { PolicyPack } = require("@pulumi/policy");
new PolicyPack("tiny-pack", { policies: [{
  name: "no-bad-stack", description: "No stack is called bad.", enforcementLevel: "mandatory",
  validateResource: (args, report) => { if (args.name === "tiny-bad") report("this one is: " + args.name); },
}] });
`;

const FILES = {
  "Pulumi.yaml": PULUMI_YAML,
  "index.js": PROGRAM,
  "pack/PulumiPolicy.yaml": "runtime: nodejs\nmain: index.js\n",
  "pack/package.json": '{ "name": "pack", "version": "1.2.3" }',
  "pack/index.js": PACK,
};

describe("the engine that the toolbelt provides", function () {
  this.timeout(120_000);
  let tools: EngineTools;
  const projects: Project[] = [];

  before(async function () {
    // Builds, on a machine that has nothing yet.
    this.timeout(40 * 60_000);
    tools = await ensureEngine(lineProgress());
  });
  afterEach(() => projects.splice(0).forEach((project) => project.remove()));

  function project(files: Record<string, string> = FILES): Project {
    const made = new Project(tools, files);
    projects.push(made);
    return made;
  }

  it("previews, updates and reads outputs, without a warning", async () => {
    const tiny = project();
    await tiny.run(["stack", "init", "one"]);
    await tiny.run(["config", "set", "--secret", "password", "hunter2", "--stack", "one"]);
    const preview = await tiny.run(["preview", "--stack", "one"]);
    assert.equal(preview.code, 0, preview.text);
    const up = await tiny.up("one");
    assert.equal(up.code, 0, up.text);
    assert.match(up.text, /a line from the program/);
    for (const { text } of [preview, up]) assert.doesNotMatch(text, /warning/i);
    for (const { text } of [preview, up]) assert.doesNotMatch(text, /hunter2/);
    assert.deepEqual(await tiny.outputs("one"), { answer: 42, secret: "[secret]" });
  });

  it("one stack reads another's outputs", async () => {
    const tiny = project();
    await tiny.up("one");
    await tiny.run(["stack", "init", "two"]);
    await tiny.run(["config", "set", "reads", "one", "--stack", "two"]);
    const up = await tiny.up("two");
    assert.equal(up.code, 0, up.text);
    assert.equal((await tiny.outputs("two")).theirs, 42);
  });

  it("a policy pack refuses what it must and passes the rest", async () => {
    const tiny = project();
    const good = await tiny.up("good", "--policy-pack", "pack");
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, /tiny-pack@v1\.2\.3/);
    const bad = await tiny.up("bad", "--policy-pack", "pack");
    assert.notEqual(bad.code, 0);
    assert.match(bad.text, /\[mandatory\] {2}no-bad-stack[^]*this one is: tiny-bad/);
  });

  it("a policy pack in TypeScript works as it is", async () => {
    const typed = PACK.replace(/const (.*) = require\((.*)\);/, "import $1 from $2;").replace(
      "tiny-pack",
      "tiny-ts",
    );
    const tiny = project({ ...FILES, "pack/index.ts": typed });
    fs.rmSync(path.join(tiny.dir, "pack", "index.js"));
    fs.writeFileSync(path.join(tiny.dir, "pack", "PulumiPolicy.yaml"), "runtime: nodejs\n");
    const bad = await tiny.up("bad", "--policy-pack", "pack");
    assert.notEqual(bad.code, 0);
    assert.match(bad.text, /tiny-ts@v1\.2\.3[^]*this one is: tiny-bad/);
  });

  it("a failing program's error is shown in the diagnostics once, and the update fails", async () => {
    const tiny = project();
    await tiny.run(["stack", "init", "one"]);
    await tiny.run(["config", "set", "fails", "yes", "--stack", "one"]);
    const up = await tiny.up("one");
    assert.notEqual(up.code, 0);
    const diagnostics = up.text.slice(up.text.indexOf("Diagnostics:"));
    assert.equal(diagnostics.match(/Error: deliberate/g)?.length, 1, up.text);
    assert.equal(diagnostics.match(/error:/g)?.length, 1, up.text);
  });

  it("a TypeScript program runs as it is, with the runtime's nodeargs and package.json's main", async () => {
    const typed = project({
      "Pulumi.yaml": 'name: typed\nruntime: { name: nodejs, options: { nodeargs: "--title=typed" } }\n',
      "package.json": '{ "main": "src/entry.ts" }',
      "src/entry.ts":
        "const n: number = 6;\nexport const answer = n * 7;\nexport const title = process.title;\n",
    });
    const up = await typed.up("one");
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(await typed.outputs("one"), { answer: 42, title: "typed" });
  });

  it("a program whose packages are not installed is told so", async () => {
    const tiny = project();
    fs.rmSync(path.join(tiny.dir, "node_modules"));
    const up = await tiny.up("one");
    assert.notEqual(up.code, 0);
    assert.match(up.text, /@pulumi\/pulumi is not installed .*run `npm install` there/);
  });

  it("the Kubernetes provider is found without a network, past a proxy that does not answer", async function () {
    const rendered = project({
      ...FILES,
      "index.js": `
        const k8s = require("@pulumi/kubernetes");
        const provider = new k8s.Provider("files", { renderYamlToDirectory: "out" });
        new k8s.core.v1.ConfigMap("made", { metadata: { name: "made", namespace: "default" } }, { provider });`,
    });
    delete rendered.env.KUBECONFIG;
    rendered.env.https_proxy = rendered.env.http_proxy = "http://127.0.0.1:1";
    const up = await rendered.up("one");
    assert.equal(up.code, 0, up.text);
    assert.doesNotMatch(up.text, /warning/i);
    const manifest = path.join(rendered.dir, "out/1-manifest/v1-configmap-default-made.yaml");
    assert.match(fs.readFileSync(manifest, "utf8"), /kind: ConfigMap/);
  });

  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    it(`no process is left of an update that ${signal} ended`, async function () {
      if (process.platform !== "linux") return this.skip();
      const tiny = project({
        ...FILES,
        "index.js": `
          const k8s = require("@pulumi/kubernetes");
          const provider = new k8s.Provider("files", { renderYamlToDirectory: "out" });
          new k8s.core.v1.ConfigMap("made", { metadata: { name: "made", namespace: "default" } }, { provider });
          setInterval(() => {}, 1000);`,
      });
      delete tiny.env.KUBECONFIG;
      await tiny.run(["stack", "init", "one"]);
      let pid = 0;
      const args = ["up", "--stack", "one", "--yes", "--skip-preview", "--policy-pack", "pack"];
      const ended = tiny.run(args, (it) => (pid = it));
      const expected = [/language-host/, /cmd\/run\//, /cmd\/run-policy-pack/, /pulumi-resource-kubernetes/];
      const complete = () => {
        const running = descendants(pid);
        return expected.every((wanted) => running.some((it) => wanted.test(it.command)))
          ? running
          : undefined;
      };
      while (!complete()) await sleep(20);
      const family = descendants(pid).map((it) => identify(it.pid));
      assert.ok(family.length >= expected.length);
      process.kill(pid, signal);
      await ended;
      while (family.some((it) => lives(it) === true)) await sleep(20);
    });
  }

  it("takes nothing from a user's own Pulumi, and writes nothing to their home", async () => {
    const tiny = project();
    const home = path.join(tiny.dir, "home");
    fs.mkdirSync(path.join(home, ".pulumi"), { recursive: true });
    fs.writeFileSync(
      path.join(home, ".pulumi", "credentials.json"),
      '{ "current": "https://example.invalid" }',
    );
    tiny.env.HOME = home;
    const up = await tiny.up("one");
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(fs.readdirSync(home, { recursive: true }), [".pulumi", ".pulumi/credentials.json"]);
  });

  it("its tools are on the PATH that it gives", () => {
    const env = tools.env();
    const found = execFileSync("sh", ["-c", "command -v pulumi"], { env, encoding: "utf8" }).trim();
    assert.equal(found, tools.pulumi.path);
  });
});
