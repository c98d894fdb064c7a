import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { layout } from "../lab";
import type { ProbeResult } from "../probe";
import type { EnvironmentStatus } from "./status";
import { hitless, hitlessJson, start } from "./testing/command";
import { createTestProject, type TestProject } from "./testing/project";

/** The steps of a cutover, in order; each is interrupted once. */
const STEPS = [
  "check that",
  "send traffic to",
  "read back",
  "send traffic to TO alone",
  "read back: TO",
  "renew",
  "wait until",
] as const;

describe("a release that is interrupted", function () {
  this.timeout(240_000);
  let project: TestProject;
  const at = () => ["-C", project.dir];
  const status = () => hitlessJson<EnvironmentStatus>([...at(), "status", project.environment]);
  const cutover = (to: string) => [
    ...at(),
    "cutover",
    project.environment,
    "--to",
    to,
    "--receipts",
    path.join(project.dir, "receipts"),
  ];
  const other = (slot: string | undefined) => (slot === "blue" ? "green" : "blue");

  before(async () => {
    project = createTestProject("cut", 30181);
    await hitlessJson([...at(), "up", project.environment]);
  });

  /** Load for as long as `work` takes; nothing of it may fail. */
  async function servedDuring(work: () => Promise<void>): Promise<void> {
    const probe = start([
      "lab",
      "exec",
      "--",
      process.execPath,
      path.join("bin", "hitless"),
      "probe",
      project.url,
      "--for",
      "10m",
      "--rate",
      "40",
      "--json",
    ]);
    try {
      await work();
    } finally {
      probe.child.kill("SIGINT");
    }
    const { stdout, stderr } = await probe.ended;
    const result = JSON.parse(stdout) as ProbeResult;
    assert.ok(result.total > 0, stderr);
    assert.equal(result.failed, 0, JSON.stringify(result.samples));
  }

  STEPS.forEach((step, index) => {
    it(`killed in step ${index + 1} (${step}): something serves throughout, and the same command finishes it`, async () => {
      const to = other((await status()).live[0]);
      await servedDuring(async () => {
        const victim = start(cutover(to));
        // The step before has ended: this one runs.
        const before = STEPS[index - 1];
        if (before) await victim.said(`ok  ${before.replace("TO", to)}`);
        else await victim.said("");
        victim.child.kill("SIGKILL");
        await victim.ended;
        const between = await status();
        assert.ok(between.live.length > 0, "no slot serves");
        assert.equal(between.releasing, null, "a killed release still counts as running");
        const again = await hitless(cutover(to));
        assert.equal(again.code, 0, again.stderr);
      });
      const after = await status();
      assert.deepEqual(after.live, [to]);
      assert.equal(after.abandoned, null);
    });
  });

  it("the engine killed in the middle of an update: its lock and pending operations do not stop the next run", async () => {
    const to = other((await status()).live[0]);
    await servedDuring(async () => {
      const victim = start(cutover(to));
      await victim.said("ok  check that");
      const engine = await engineOf(`${project.environment}-traffic`);
      process.kill(engine, "SIGKILL");
      const ran = await victim.ended;
      assert.notEqual(ran.code, 0);
      const again = await hitless(cutover(to));
      assert.equal(again.code, 0, again.stderr);
    });
    assert.deepEqual((await status()).live, [to]);
  });

  it("SIGINT ends it after the step that runs, says so, and the same command goes on", async () => {
    const to = other((await status()).live[0]);
    await servedDuring(async () => {
      const victim = start(cutover(to));
      await victim.said("ok  check that");
      victim.child.kill("SIGINT");
      const ran = await victim.ended;
      assert.equal(ran.code, 1, ran.stderr);
      assert.match(ran.stderr, /interrupted after the step/);
      assert.match(ran.stderr, /run the same command again/);
      assert.equal((await status()).phase, "blue+green");
      const again = await hitless(cutover(to));
      assert.equal(again.code, 0, again.stderr);
    });
    assert.deepEqual((await status()).live, [to]);
  });

  /** The process that holds the engine's own lock on a stack. */
  async function engineOf(stack: string): Promise<number> {
    const folder = path.join(layout().backend, ".pulumi", "locks", "organization", "hitless", stack);
    for (const until = Date.now() + 30_000; Date.now() < until;) {
      const [lock] = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
      try {
        if (lock)
          return (JSON.parse(fs.readFileSync(path.join(folder, lock), "utf8")) as { pid: number }).pid;
      } catch {
        // Being written.
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no engine took the lock of ${stack}`);
  }
});
