import assert from "node:assert/strict";
import { ensureEngine } from "../lab/toolbelt";
import { lineProgress } from "../shared/progress";
import { Trial } from "./testing/engine";
import { mutated, passingDeployment } from "./testing/fixtures";

const CONTAINER = "spec.template.spec.containers[0]";
const ENVIRONMENT = 'metadata.labels["hitless.dev/environment"]';

/** A Deployment that passes, by its own name and with some fields changed. */
function deployment(name: string, ...changes: [path: string, value: unknown][]): object {
  return [
    ["metadata.name", name] as const,
    ["metadata.namespace", "shop"] as const,
    ...changes,
  ].reduce<object>((object, [path, value]) => mutated(object, path, value), passingDeployment());
}

describe("the pack on the real engine", function () {
  this.timeout("2m");
  let trial: Trial;

  before(async function () {
    this.timeout("45m"); // the first time on a machine, the engine may have to be built
    const engine = await ensureEngine(lineProgress());
    // Rendering to files and a kubeconfig exclude each other.
    const env = engine.env();
    delete env["KUBECONFIG"];
    trial = await Trial.create("dev-green", env);
  });
  after(() => trial?.remove());

  it("lets pass what can be updated without a drop, with no other set-up", async () => {
    const { ok, output, written } = await trial.run("up", { good: deployment("good") });
    assert.ok(ok, output);
    assert.match(output, /✅ hitless@v0\.1\.0/);
    assert.deepEqual(written, ["shop-good"]);
  });

  it("fails a preview over a violation, and says which, by how much and what to do", async () => {
    const bad = deployment(
      "bad",
      ["spec.strategy.rollingUpdate.maxUnavailable", 1],
      [`${CONTAINER}.readinessProbe`, undefined],
    );
    const { ok, output } = await trial.run("preview", { good: deployment("good"), bad });
    assert.ok(!ok, output);
    assert.match(output, /\[mandatory\] {2}max-unavailable {2}\(kubernetes:apps\/v1:Deployment: bad\)/);
    assert.match(output, /Deployment shop\/bad: maxUnavailable is 1; it must be 0\. Fix: set/);
    assert.match(output, /Deployment shop\/bad: container shop has no readinessProbe/);
  });

  it("stops an update that had no preview before the offending object is sent", async () => {
    const bad = deployment("bad", ["spec.template.spec.terminationGracePeriodSeconds", 22]);
    const { ok, output, written } = await trial.run("up", { good: deployment("good"), bad });
    assert.ok(!ok, output);
    assert.match(output, /terminationGracePeriodSeconds is 22; it must be 23 or more/);
    assert.ok(!written.includes("shop-bad"), `written: ${written.join(", ")}`);
  });

  it("refuses Recreate in production, and lets the same object pass in dev", async () => {
    const recreate = (name: string, environment: string) =>
      deployment(name, ["spec.strategy", { type: "Recreate" }], [ENVIRONMENT, environment]);
    const refused = await trial.run("up", { recreate: recreate("recreate-prod", "prod") });
    assert.ok(!refused.ok, refused.output);
    assert.match(refused.output, /strategy is Recreate in environment prod; it must be RollingUpdate/);
    assert.ok(!refused.written.includes("shop-recreate-prod"));
    const passed = await trial.run("up", { recreate: recreate("recreate-dev", "dev") });
    assert.ok(passed.ok, passed.output);
    assert.ok(passed.written.includes("shop-recreate-dev"));
  });

  it("says in a preview what only the update knows, and refuses it in the update", async () => {
    const later = {
      later: deployment("later", ["spec.template.spec.terminationGracePeriodSeconds", { $later: 22 }]),
    };
    const fresh = await Trial.create("dev-later", trial.environment);
    try {
      const preview = await fresh.run("preview", later);
      assert.ok(preview.ok, preview.output);
      assert.match(preview.output, /\[advisory\] {2}not-determinable/);
      assert.match(preview.output, /terminationGracePeriodSeconds is not known in preview/);
      const strict = await fresh.run("preview", later, { "not-determinable": "mandatory" });
      assert.ok(!strict.ok, strict.output);
      const update = await fresh.run("up", later);
      assert.ok(!update.ok, update.output);
      assert.match(update.output, /terminationGracePeriodSeconds is 22; it must be 23 or more/);
      assert.deepEqual(update.written, []);
    } finally {
      fresh.remove();
    }
  });

  it("refuses an object that cannot be read instead of failing itself", async () => {
    const { ok, output, written } = await trial.run("up", {
      broken: { metadata: { name: "broken", labels: [7] }, spec: { strategy: "often", template: ["pod"] } },
    });
    assert.ok(!ok, output);
    assert.match(
      output,
      /Deployment broken: could not be read: spec\.template is a list; it must be an object/,
    );
    assert.doesNotMatch(output, /TypeError|Error validating resource/);
    assert.ok(!written.includes("broken"));
  });

  it("shows no secret, not even where one breaks an object", async () => {
    const secret = { $secret: "s3cr3t" };
    const { ok, output } = await trial.run("preview", {
      leaky: deployment(
        "leaky",
        [`${CONTAINER}.env`, [{ name: "KEY", value: secret }]],
        [`${CONTAINER}.readinessProbe`, secret],
        ["spec.strategy.type", secret],
        ["spec.strategy.rollingUpdate.maxSurge", secret],
      ),
    });
    assert.ok(!ok, output);
    assert.match(output, /readinessProbe is a string/);
    assert.doesNotMatch(output, /s3cr3t/);
  });

  it("makes its rules advisory in the environments configured so, and nowhere else", async () => {
    const config = { settings: { environments: { sandbox: "advisory" } } };
    const object = (environment: string) => ({
      surging: deployment("surging", ["spec.strategy.rollingUpdate.maxSurge", 0], [ENVIRONMENT, environment]),
    });
    const sandbox = await trial.run("preview", object("sandbox"), config);
    assert.ok(sandbox.ok, sandbox.output);
    assert.match(sandbox.output, /\[advisory\] {2}advice/);
    assert.match(sandbox.output, /\[max-surge\] Deployment shop\/surging: maxSurge is 0/);
    const dev = await trial.run("preview", object("dev"), config);
    assert.ok(!dev.ok, dev.output);
  });

  it("takes a rule's level and thresholds from the pack's config, and refuses config outside its schema", async () => {
    const good = { good: deployment("good") };
    assert.ok(!(await trial.run("preview", good, { "grace-period": { margin: "6s" } })).ok);
    const level = { enforcementLevel: "advisory", margin: "6s" };
    assert.ok((await trial.run("preview", good, { "grace-period": level })).ok);
    const { ok, output } = await trial.run("preview", good, { "grace-period": { margin: "6" } });
    assert.ok(!ok, output);
    assert.match(output, /margin/);
  });
});
