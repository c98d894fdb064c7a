import { trafficProblems } from "../components/traffic/check";
import { drainBudget, type DrainBudget } from "../components/drain";
import { environmentSelector, type LiveEnvironment, readEnvironment } from "../components/live/environment";
import { type Pins, type Slot, SLOTS, otherSlot } from "../components/names";
import { readFiles, slotRevision } from "../infra/revision";
import { refused } from "../shared/errors";
import { applyTraffic, refuseDrift, renewSlot, type TrafficState } from "./apply";
import { type Clients, countClients } from "./clients";
import { type Context, reread } from "./context";
import type { PolicyViolation } from "./engine";
import { type ReleaseLease, takeLease } from "./lease";
import { finishedMessage } from "./messages";
import { type Proof, readBackDataPlane, readBackEndpoints } from "./readback";
import { type StepRecord, Steps } from "./steps";

export interface CutoverResult {
  environment: string;
  from: Slot;
  to: Slot;
  /** False when there was nothing to do. */
  changed: boolean;
  before: TrafficState;
  after: TrafficState;
  steps: StepRecord[];
  /** How the data plane's state was proven, after each of the two moves. */
  proofs: Proof[];
  /** Clients still connected to the old slot when its time was over; null where the app does not say. */
  clientsLeft: Clients;
  violations: PolicyViolation[];
}

export interface CutoverOptions {
  to: Slot;
  kind?: "cutover" | "rollback";
  /** Told when traffic has moved to the new slot alone, for those who measure. */
  onMoved?: () => void;
}

const POLL_MS = 250;

/**
 * Moves all traffic of an environment to one slot: both slots answer in between, every move is read back, and then
 * the old slot's pods are renewed, so that their own shutdown moves the clients that hold a connection. Run again
 * after an interruption at any point, it goes on from what is live.
 */
export async function cutover(context: Context, options: CutoverOptions): Promise<CutoverResult> {
  const lease = await takeLease(context.cluster, context.at, `${options.kind ?? "cutover"} to ${options.to}`);
  try {
    return await underLease(context, lease, options);
  } finally {
    await lease.release();
  }
}

/** The same, for a caller that holds the Lease already. */
export async function underLease(
  context: Context,
  lease: ReleaseLease,
  options: CutoverOptions,
): Promise<CutoverResult> {
  const { to, kind = "cutover" } = options;
  const { at, cluster, progress } = context;
  const from = otherSlot(to);
  if (lease.interrupted)
    progress.note(
      `an earlier release was killed at the step "${lease.interrupted}"; going on from what is live`,
    );
  const steps = new Steps(progress, (title) => lease.step(title), context.signal);
  const violations: PolicyViolation[] = [];
  const proofs: Proof[] = [];

  const start = await steps.run(`check that ${to} can take the traffic`, () => preflight(context, to));
  const before: TrafficState = { live: start.live, pins: start.pins };
  const toPin = start.environment.slots[to]?.revision as string;
  const after: TrafficState = { live: [to], pins: { [to]: toPin } };
  const budget = drainOf(context, from);

  const move = async (title: string, next: TrafficState, message: string) => {
    const began = Date.now();
    await steps.run(title, async () => {
      const run = await applyTraffic(reread(context), next, { message, holder: lease.holder });
      violations.push(...run.policy);
    });
    await steps.run(`read back: ${next.live.join("+")}`, async () => {
      await readBackEndpoints(cluster, at, next.live);
      proofs.push(await readBackDataPlane(cluster, began, budget.propagation));
    });
  };

  const settled = start.live.length === 1 && start.live[0] === to;
  if (!settled) {
    if (start.live.length === 1) {
      const pins: Pins = { ...start.pins, [to]: toPin };
      await move(
        `send traffic to ${from} and ${to}`,
        { live: [...SLOTS], pins },
        `hitless ${kind}: ${at.environment} ${from}+${to}`,
      );
    }
    await move(
      `send traffic to ${to} alone`,
      after,
      finishedMessage(at.environment, { kind, slot: to, pins: after.pins }),
    );
    options.onMoved?.();
  }

  const generation = (await readEnvironment(cluster, at)).traffic?.generation ?? 0;
  const through = settled && lease.finished >= generation;
  let clientsLeft: Clients = null;
  if (!through && start.environment.slots[from]) {
    clientsLeft = await retire(context, steps, lease, from, budget, violations);
    await lease.finish(generation);
  }
  return {
    environment: at.environment,
    from,
    to,
    changed: !through,
    before,
    after,
    steps: steps.records,
    proofs,
    clientsLeft,
    violations,
  };
}

interface Preflight {
  environment: LiveEnvironment;
  live: Slot[];
  pins: Pins;
}

/** Everything that can be known before anything is changed. @throws HitlessError with all problems at once */
async function preflight(context: Context, to: Slot): Promise<Preflight> {
  const { at, cluster, files } = context;
  const environment = await readEnvironment(cluster, at);
  const { traffic } = environment;
  if (!traffic) {
    throw refused(`${at.environment} serves nothing yet`, [
      { what: "there is no traffic to move", fix: `hitless up ${at.environment}` },
    ]);
  }
  const from = otherSlot(to);
  await refuseDrift(context, (wanted) => isOnTheWay(wanted, to));
  const live = environment.slots[to];
  const pins: Pins = { ...traffic.pins, ...(live?.revision ? { [to]: live.revision } : {}) };
  const wanted = {
    live: [...SLOTS],
    pins,
    capacity: files.traffic.config.capacity,
    generation: traffic.generation + 1,
  };
  const already = traffic.live.length === 1 && traffic.live[0] === to;
  const problems = already
    ? []
    : trafficProblems(
        { ...wanted, live: [to] },
        { ...environment, traffic: { ...traffic, live: [...SLOTS] } },
        {},
      );
  const old = files.slots[from];
  const oldLive = environment.slots[from];
  if (old && oldLive) {
    const described = slotRevision(old.config, readFiles(old.config, context.project.dir));
    if (described !== oldLive.revision) {
      problems.push({
        where: old.file,
        what: `describes ${described}, and slot ${from} runs ${oldLive.revision}: a cutover renews the old slot's pods, and would change them instead`,
        fix: `put back the config of ${oldLive.revision} for the time of the cutover, and release ${described} after it`,
      });
    }
  }
  if (problems.length > 0) throw refused(`traffic of ${at.environment} is not moved to ${to}`, problems);
  return { environment, live: traffic.live, pins: traffic.pins };
}

/** An earlier run that was killed may have written its next config without applying it. */
const isOnTheWay = (wanted: TrafficState, to: Slot): boolean => wanted.live.includes(to);

/** The drain budget of what a slot's config says, or of nothing known: the slowest. */
export function drainOf(context: Context, slot: Slot): DrainBudget {
  const config = (context.files.slots[slot] ?? context.files.slots[otherSlot(slot)])?.config;
  return drainBudget(config?.workload.drain ?? { inFront: ["kube-proxy"] });
}

/**
 * Moves the clients that are still on the old slot: its pods are renewed (one more first), and each old one shuts
 * down by itself, which closes keep-alive connections and WebSockets in good order.
 */
async function retire(
  context: Context,
  steps: Steps,
  lease: ReleaseLease,
  from: Slot,
  budget: DrainBudget,
  violations: PolicyViolation[],
): Promise<Clients> {
  const { cluster, at } = context;
  const { slots } = await readEnvironment(cluster, at);
  const file = context.files.slots[from];
  if (!file || (slots[from]?.desired ?? 0) === 0) return 0;
  const label = `renew ${from}, which no longer has traffic`;
  await steps.run(label, async () => {
    const renewals = (slots[from]?.renewals ?? 0) + 1;
    const run = await renewSlot(context, file, renewals, {
      message: `hitless: ${label}`,
      holder: lease.holder,
    });
    violations.push(...run.policy);
  });
  return steps.run(`wait until no client is left on ${from}`, async (update) => {
    const counted = file.config.workload.metrics !== undefined;
    // What a drain takes at most, twice: pods are renewed one after the other.
    const until = Date.now() + 1000 * Math.max(budget.hold, 2 * budget.grace);
    for (;;) {
      const [clients, leaving] = await Promise.all([
        countClients(cluster, at, from, file.config.workload),
        countLeaving(context, from),
      ]);
      // Where the app does not count, a pod that is gone has no clients, and a fresh one never had any.
      if (clients === 0 || (!counted && leaving === 0)) return clients;
      steps.stopIfInterrupted();
      if (Date.now() > until) return clients;
      update(`${clients ?? "an unknown number of"} clients, ${leaving} pods shutting down`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  });
}

/** Pods of the slot that are shutting down. */
async function countLeaving({ cluster, at }: Context, slot: Slot): Promise<number> {
  const { items } = await cluster.core.listNamespacedPod({
    namespace: at.namespace,
    labelSelector: environmentSelector(at, slot),
  });
  return items.filter((pod) => pod.metadata?.deletionTimestamp).length;
}

export const describe = (state: TrafficState): string =>
  state.live.map((slot) => `${slot} ${state.pins[slot] ?? ""}`.trim()).join(" + ");
