import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Receipt } from "./receipt";
import type { EnvironmentStatus } from "./status";
import { hitless, hitlessJson, kubectl, start } from "./testing/command";
import { createTestProject, type TestProject } from "./testing/project";

describe("releases on a real cluster", function () {
  this.timeout(240_000);
  let project: TestProject;
  const at = () => ["-C", project.dir];
  const status = () => hitlessJson<EnvironmentStatus>([...at(), "status", project.environment]);
  const receipts = () => path.join(project.dir, "receipts");
  const cutover = (to: string, ...more: string[]) => [
    ...at(),
    "cutover",
    project.environment,
    "--to",
    to,
    "--receipts",
    receipts(),
    ...more,
  ];
  const probed = (to: string) => cutover(to, "--probe", project.url, "--clients", "all", "--rate", "120");

  before(async () => {
    project = createTestProject("rel", 30180);
    await hitlessJson([...at(), "up", project.environment]);
  });

  it("serves after `up`, and says where, from which slot, at which revision", async () => {
    const seen = await status();
    assert.deepEqual(seen.live, ["blue"]);
    assert.equal(seen.phase, "blue");
    assert.deepEqual(seen.shares, { blue: 100 });
    assert.equal(seen.url, project.url);
    assert.match(seen.slots.blue?.revision ?? "", /^v1-[0-9a-f]{8}$/);
    assert.equal(seen.slots.green?.ready, 2);
    assert.equal(seen.releasing, null);
    const answer = await hitless([
      "lab",
      "exec",
      "--",
      process.execPath,
      "-e",
      `fetch("${seen.url}").then(async r => console.log(await r.text()))`,
    ]);
    assert.equal((JSON.parse(answer.stdout) as { slot: string }).slot, "blue");
  });

  it("changes nothing when it is applied again", async () => {
    const before = await status();
    await hitlessJson([...at(), "up", project.environment]);
    assert.deepEqual((await status()).slots, before.slots);
  });

  it("a cutover under load drops nothing, moves every client, and leaves a receipt", async () => {
    const receipt = await hitlessJson<Receipt>(probed("green"));
    assert.equal(receipt.outcome, "done");
    assert.equal(receipt.requests?.failed, 0, JSON.stringify(receipt.requests));
    assert.ok((receipt.requests?.total ?? 0) > 500);
    assert.equal(receipt.clientsLeft, 0);
    assert.deepEqual(Object.keys(receipt.requests?.byClient ?? {}).sort(), [
      "keep-alive",
      "new-connection",
      "post",
      "slow",
      "websocket",
    ]);
    assert.deepEqual((await status()).live, ["green"]);
    const latest = JSON.parse(fs.readFileSync(path.join(receipts(), "latest.json"), "utf8")) as Receipt;
    assert.equal(latest.finishedAt, receipt.finishedAt);
    const uid = await kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");
    assert.equal(latest.cluster, uid.stdout.trim());
  });

  it("has nothing to do when the slot serves already", async () => {
    const again = await hitless(cutover("green"));
    assert.equal(again.code, 0);
    assert.match(again.stderr, /green serves already: nothing to do/);
  });

  it("refuses config that is older than what is live, with both shown", async () => {
    const now = project.text("traffic");
    project.edit("traffic", { live: ["blue"], generation: 1 });
    try {
      for (const command of [cutover("blue"), [...at(), "up", project.environment]]) {
        const ran = await hitless(command);
        assert.equal(ran.code, 1, ran.stderr);
        assert.match(ran.stderr, /older than what is live/);
        assert.match(ran.stderr, /generation 1, blue/);
        assert.match(ran.stderr, /generation 3, green/);
      }
    } finally {
      project.write("traffic", now);
    }
  });

  it("a plain `pulumi preview` refuses to skip the phase in which both slots answer, and to serve what is not pinned", async () => {
    const now = project.text("traffic");
    const preview = () =>
      hitless([
        "lab",
        "exec",
        "--",
        "pulumi",
        "preview",
        "--cwd",
        project.dir,
        "--stack",
        `${project.environment}-traffic`,
        "--policy-pack",
        path.join(project.dir, "policies"),
        "--non-interactive",
      ]);
    try {
      const pins = project.read("traffic", "revisions") as Record<string, string>;
      project.edit("traffic", {
        live: ["blue"],
        revisions: { blue: (await status()).slots.blue?.revision },
        generation: 4,
      });
      const skipped = await preview();
      assert.notEqual(skipped.code, 0);
      assert.match(skipped.stdout + skipped.stderr, /skips the phase blue\+green/);
      project.edit("traffic", {
        live: ["blue", "green"],
        revisions: { ...pins, blue: "v0-00000000" },
        generation: 4,
      });
      const unpinned = await preview();
      assert.notEqual(unpinned.code, 0);
      assert.match(unpinned.stdout + unpinned.stderr, /not the pinned revision/);
    } finally {
      project.write("traffic", now);
    }
  });

  it("refuses to change the live slot's pods, to scale it below its share, and to destroy it", async () => {
    const now = project.text("green");
    const workload = project.read("green", "workload") as Record<string, unknown>;
    try {
      project.edit("green", { version: "v9" });
      const changed = await hitless([...at(), "up", project.environment, "--slot", "green"]);
      assert.equal(changed.code, 1);
      assert.match(changed.stderr, /blue-green never changes pods that get traffic/);
      project.write("green", now);
      project.edit("green", { workload: { ...workload, replicas: 1 } });
      const smaller = await hitless([...at(), "up", project.environment, "--slot", "green"]);
      assert.equal(smaller.code, 1);
      assert.match(smaller.stderr, /must be able to carry all traffic/);
    } finally {
      project.write("green", now);
    }
    const destroyed = await hitless([
      "lab",
      "exec",
      "--",
      "pulumi",
      "destroy",
      "--yes",
      "--skip-preview",
      "--cwd",
      project.dir,
      "--stack",
      `${project.environment}-green`,
      "--non-interactive",
    ]);
    assert.notEqual(destroyed.code, 0);
    assert.match(destroyed.stdout + destroyed.stderr, /protect/);
    assert.deepEqual((await status()).slots.green?.ready, 2);
  });

  it("a rollout that cannot become ready ends at its deadline with the reason, and traffic has not moved", async () => {
    const now = project.text("blue");
    const workload = project.read("blue", "workload") as Record<string, unknown>;
    try {
      project.edit("blue", {
        version: "v8",
        workload: { ...workload, image: "no-such-image:1", rollout: { deadline: "8s" } },
      });
      const ran = await hitless([...at(), "up", project.environment, "--slot", "blue"]);
      assert.equal(ran.code, 1, ran.stderr);
      assert.match(ran.stderr, /no-such-image|ErrImagePull|ImagePullBackOff|progress deadline/);
      assert.deepEqual((await status()).live, ["green"]);
      const moved = await hitless(cutover("blue"));
      assert.equal(moved.code, 1);
      assert.match(moved.stderr, /ready replicas|not the pinned revision/);
    } finally {
      project.write("blue", now);
    }
    await hitlessJson([...at(), "up", project.environment, "--slot", "blue"]);
  });

  it("one release at a time: a second, and a plain `pulumi up`, are refused while one runs", async () => {
    const first = start(cutover("blue"));
    await first.said("ok  check that blue can take the traffic");
    const [second, plain] = await Promise.all([
      hitless(cutover("green")),
      hitless([
        "lab",
        "exec",
        "--",
        "pulumi",
        "preview",
        "--cwd",
        project.dir,
        "--stack",
        `${project.environment}-green`,
        "--non-interactive",
      ]),
    ]);
    const during = await status();
    const ran = await first.ended;
    assert.equal(second.code, 1);
    assert.match(second.stderr, /a release of rel is running/);
    assert.match(plain.stdout + plain.stderr, /a release of this environment is running/);
    assert.match(during.releasing?.by ?? "", new RegExp(`pid \\d+`));
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual((await status()).live, ["blue"]);
  });

  it("rolls back to the config before, and again to the one before that", async () => {
    const back = await hitlessJson<Receipt>([
      ...at(),
      "rollback",
      project.environment,
      "--receipts",
      receipts(),
    ]);
    assert.equal(back.outcome, "rolled-back");
    assert.deepEqual((await status()).live, ["green"]);
  });

  it("refuses to roll back to a slot that runs something else now, unless told to release it again", async () => {
    project.edit("blue", { version: "v5" });
    await hitlessJson([...at(), "up", project.environment, "--slot", "blue"]);
    const refused = await hitless([...at(), "rollback", project.environment, "--receipts", receipts()]);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /no longer runs v1-/);
    assert.match(refused.stderr, /--redeploy/);
    assert.deepEqual((await status()).live, ["green"]);
    await hitlessJson([...at(), "rollback", project.environment, "--redeploy", "--receipts", receipts()]);
    const after = await status();
    assert.deepEqual(after.live, ["blue"]);
    assert.match(after.slots.blue?.revision ?? "", /^v1-/);
  });
});
