import * as path from "node:path";
import { engineEnvironment, insideLab } from "../cli/target";
import { CLIENT_KINDS, forkProbe, type ProbeResult } from "../probe";
import { type Context, openEnvironment, reread } from "../release/context";
import { moveTraffic } from "../release/move";
import { editConfig } from "../release/project";
import { amendReceipt, type Receipt, renderReceipt } from "../release/receipt";
import { environmentStatus } from "../release/status";
import { upEnvironment } from "../release/up";
import { HitlessError } from "../shared/errors";
import { ROOT } from "../shared/paths";
import { lineProgress } from "../shared/progress";
import { chapter, Claims, say } from "./claims";
import { deployNaive, updateNaive } from "./naive";
import { changed, ownedObjects } from "./objects";
import { createStoryProject } from "./project";

/** Requests a second of the load, and how many there must be at least. */
const RATE = 300;
const LEAST_REQUESTS = 5000;
/** Failures after which the broken release counts as noticed. */
const NOTICED_AFTER = 5;
const RECEIPTS = path.join(ROOT, "receipts");

interface Story {
  context: Context;
  claims: Claims;
  url: string;
}

/** 1. A whole environment from nothing. */
async function bringUp(context: Context, claims: Claims): Promise<string> {
  chapter(1, "The environment dev: blue (v1) serves, green (v2) stands by");
  say("$ hitless up dev");
  await upEnvironment(context);
  await deployNaive(context.cluster);
  const { url, slots, live } = await environmentStatus(context);
  const ready = Object.values(slots).map((slot) => `${slot.revision} ${slot.ready}/${slot.desired}`);
  claims.check(
    "blue serves, and both slots are ready",
    live.join() === "blue" && Object.values(slots).every((slot) => slot.ready === slot.desired),
    `live: ${live.join()}; ${ready.join(", ")}; ${url}`,
  );
  return url as string;
}

/** 2. What the policy pack is for. */
async function refuseBadUpdate({ context, claims }: Story): Promise<void> {
  chapter(2, "A bad update is refused: no readiness probe, maxUnavailable 1");
  const green = context.files.slots.green;
  if (!green) throw new Error("dev has no green slot");
  const { workload } = green.config;
  const bad = {
    ...workload,
    probes: { ...workload.probes, readiness: false },
    rollout: { ...workload.rollout, maxUnavailable: 1 },
  };
  const before = await ownedObjects(context);
  editConfig(context.project, green.file, { workload: bad });
  say("$ hitless up dev --slot green");
  let refusal = "";
  try {
    await upEnvironment(reread(context), { slot: "green" });
  } catch (error) {
    if (!(error instanceof HitlessError)) throw error;
    refusal = error.message;
  } finally {
    editConfig(context.project, green.file, { workload });
  }
  say(...refusal.split("\n").map((line) => `| ${line}`));
  const after = await ownedObjects(context);
  const both = refusal.includes("readiness-probe") && refusal.includes("max-unavailable");
  claims.check(
    "the engine refuses it, naming both rules",
    both,
    both ? "readiness-probe, max-unavailable" : "(not both in its output)",
  );
  const moved = changed(before, after);
  claims.check(
    "the offending object was never sent, and nothing else changed",
    moved.length === 0,
    moved.length === 0
      ? `${Object.keys(before).length} objects: same uid, same generation`
      : `changed: ${moved.join(", ")}`,
  );
}

/** 3. The main job. @returns the receipt's file */
async function cutOver({ context, claims, url }: Story): Promise<{ file: string; receipt: Receipt }> {
  chapter(3, "Cutover from blue (v1) to green (v2) under live load");
  say(
    `$ hitless cutover dev --to green --probe ${url} --clients all --rate ${RATE} --least ${LEAST_REQUESTS}`,
  );
  const moved = await moveTraffic(reread(context), {
    kind: "cutover",
    to: "green",
    receiptsDir: RECEIPTS,
    probe: { url, rate: RATE, clients: [...CLIENT_KINDS] },
    leastRequests: LEAST_REQUESTS,
  });
  if (moved.error) throw moved.error;
  const probe = moved.probe as ProbeResult;
  const perKind = Object.entries(probe.byClient).map(([kind, { total }]) => `${kind} ${total}`);
  claims.check(
    `at least ${LEAST_REQUESTS} requests of ${CLIENT_KINDS.length} kinds of client, none failed`,
    probe.total >= LEAST_REQUESTS &&
      probe.failed === 0 &&
      CLIENT_KINDS.every((kind) => (probe.byClient[kind]?.total ?? 0) > 0),
    `${probe.failed} of ${probe.total} failed (${perKind.join(", ")})`,
  );
  for (const sample of probe.samples) say(`${sample.at} ${sample.client}: ${sample.kind} (${sample.detail})`);
  const last = Object.entries(probe.lastSlotOf);
  const stayed = last.flatMap(([kind, slots]) =>
    slots.filter((slot) => slot !== "green").map((slot) => `${kind} on ${slot}`),
  );
  const { slots } = await environmentStatus(context);
  claims.check(
    "no client is left on blue",
    stayed.length === 0 && last.length > 0 && slots.blue?.clients === 0,
    stayed.length === 0
      ? `every open connection is with green; blue counts ${slots.blue?.clients} clients`
      : stayed.join(", "),
  );
  return { file: moved.files.json, receipt: moved.receipt };
}

/** 4. The probe can see drops: the same load, over an update that is known to drop. */
async function control({ context, claims }: Story, file: string): Promise<Receipt> {
  chapter(4, "Negative control: the same load over a rolling update of a naive app");
  say("(exits at SIGTERM, no preStop; applied outside the policy pack, in its own namespace)");
  const probe = await updateNaive(context.cluster, RATE);
  const kinds = Object.entries(probe.failures).map(([kind, count]) => `${kind} ${count}`);
  claims.check(
    "the naive app drops requests, so the probe would have seen drops",
    probe.failed > 0,
    `${probe.failed} of ${probe.total} failed (${kinds.join(", ")})`,
  );
  const { receipt, ...files } = amendReceipt(
    file,
    { negativeControl: { total: probe.total, failed: probe.failed } },
    { latest: true },
  );
  say("", "The receipt of the cutover, with the control filled in:", "", ...renderReceipt(receipt, files));
  return receipt;
}

/** 5. A release that is broken in a way no probe of Kubernetes sees. */
async function breakAndRollBack({ context, claims, url }: Story, stop: AbortController): Promise<void> {
  chapter(5, "A release that breaks: v3 answers 5 % with 500 once it is live");
  const blue = context.files.slots.blue;
  if (!blue) throw new Error("dev has no blue slot");
  const { workload } = blue.config;
  editConfig(context.project, blue.file, {
    version: "v3",
    workload: { ...workload, env: { ...workload.env, FAULT_ERROR_RATE: "0.05" } },
  });
  say("$ hitless up dev --slot blue");
  await upEnvironment(reread(context), { slot: "blue" });
  const before = await environmentStatus(context);
  const probe = await forkProbe({ url, rate: RATE, clients: [...CLIENT_KINDS] });
  say("$ hitless cutover dev --to blue");
  const noticed = probe.untilFailures(NOTICED_AFTER).then(() => {
    say(`the probe has seen ${NOTICED_AFTER} failures: the cutover is interrupted`);
    stop.abort();
  });
  const broken = await moveTraffic(reread({ ...context, signal: stop.signal }), {
    kind: "cutover",
    to: "blue",
    receiptsDir: RECEIPTS,
    latest: false,
  });
  if (broken.error && !stop.signal.aborted) throw broken.error;
  await noticed;
  say("$ hitless rollback dev");
  const back = await moveTraffic(reread(context), {
    kind: "rollback",
    probe,
    receiptsDir: RECEIPTS,
    latest: false,
    more: (seen) => ({ exposure: exposureOf(seen, "v3", "blue") }),
  });
  if (back.error) throw back.error;
  const after = await environmentStatus(context);
  const same = after.live.join() === "green" && after.slots.green?.revision === before.slots.green?.revision;
  claims.check(
    "the rollback brought the previous config back",
    same && back.receipt.outcome === "rolled-back",
    `live: ${after.live.join()} at ${after.slots.green?.revision}`,
  );
  const { requests = 0, seconds = 0 } = back.receipt.exposure ?? {};
  const failures = back.probe?.failures ?? {};
  const only500 = back.probe?.failed === failures.status;
  claims.check(
    "only v3's own errors failed, none by moving there or back",
    only500,
    `failures: ${JSON.stringify(failures)}`,
  );
  claims.check(
    "the exposure is known",
    requests > 0,
    `${requests} requests over ${seconds.toFixed(1)} s were answered by v3`,
  );
  say("", ...renderReceipt(back.receipt, back.files));
}

function exposureOf(seen: ProbeResult | undefined, version: string, slot: string) {
  const times = seen?.slots[slot];
  return {
    requests: seen?.byVersion[version] ?? 0,
    seconds: times ? (times.lastSeen - times.firstSeen) / 1000 : 0,
  };
}

async function tell(): Promise<boolean> {
  insideLab();
  const began = Date.now();
  const progress = lineProgress(process.stdout);
  const project = createStoryProject();
  const env = await engineEnvironment(project, {}, progress);
  const claims = new Claims();
  const stop = new AbortController();
  const context = openEnvironment({ project, environment: "dev", env, progress });
  const story: Story = { context, claims, url: await bringUp(context, claims) };
  story.context = reread(context);
  await refuseBadUpdate(story);
  const { file } = await cutOver(story);
  await control(story, file);
  story.context = reread(context);
  await breakAndRollBack(story, stop);
  chapter(6, "What was claimed");
  for (const { claim, ok, seen } of claims.all) say(`${ok ? "holds" : "FAILS"}  ${claim}: ${seen}`);
  say(
    "",
    `receipt: ${path.relative(ROOT, file)}`,
    `page:    ${path.relative(ROOT, file.replace(/json$/, "html"))}`,
    `the story took ${Math.round((Date.now() - began) / 1000)} s`,
  );
  return claims.hold;
}

tell().then(
  (hold) => process.exit(hold ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof HitlessError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(error instanceof HitlessError ? error.code : 1);
  },
);
