import type { Problem } from "../../shared/errors";
import type { LiveEnvironment } from "../live/environment";
import { formatPins, type Pins, type Slot, SLOTS } from "../names";

/** What a traffic stack is about to apply. */
export interface WantedTraffic {
  live: Slot[];
  pins: Pins;
  /** Ready replicas a slot needs to carry all traffic; undefined: what the serving slot wants to have. */
  capacity: number | undefined;
  generation: number;
}

/** What a slot's own stack says of it (its outputs survive a failed update, so they alone prove nothing). */
export type SlotOutputs = Partial<Record<Slot, { revision: string | undefined } | undefined>>;

const list = (slots: readonly Slot[]) => SLOTS.filter((slot) => slots.includes(slot)).join("+");

/** The ready replicas that a slot must have before it may get traffic. */
export function capacityOf(
  wanted: Pick<WantedTraffic, "capacity" | "live">,
  environment: LiveEnvironment,
): number {
  if (wanted.capacity !== undefined) return wanted.capacity;
  const serving = environment.traffic?.live ?? wanted.live;
  const known = serving.map((slot) => environment.slots[slot]?.desired ?? 0);
  return Math.max(1, environment.traffic?.capacity ?? 0, ...(environment.traffic ? [] : known));
}

/** Why traffic may not be sent as this config says; empty when it may. Nothing here changes anything. */
export function trafficProblems(
  wanted: WantedTraffic,
  environment: LiveEnvironment,
  outputs: SlotOutputs,
): Problem[] {
  return [
    ...ageProblems(wanted, environment),
    ...phaseProblems(wanted, environment),
    ...wanted.live
      .filter((slot) => !isLeft(slot, wanted, environment))
      .flatMap((slot) => slotProblems(slot, wanted, environment, outputs)),
  ];
}

/**
 * True for a slot that has traffic already, unchanged, while the other one is added. It needs no proof: a release
 * away from a slot that broke must not be refused because it broke.
 */
function isLeft(slot: Slot, { live, pins }: WantedTraffic, { traffic }: LiveEnvironment): boolean {
  return (
    traffic !== undefined &&
    traffic.live.includes(slot) &&
    live.some((other) => !traffic.live.includes(other)) &&
    pins[slot] === traffic.pins[slot]
  );
}

/** Config that is older than what is live, or differs from it under the same number. */
function ageProblems(wanted: WantedTraffic, { traffic }: LiveEnvironment): Problem[] {
  if (!traffic) return [];
  const where = "hitless:generation";
  if (wanted.generation < traffic.generation) {
    return [
      {
        where,
        what: `this config is older than what is live (generation ${traffic.generation}, ${list(traffic.live)} at ${formatPins(traffic.pins)})`,
        value: wanted.generation,
        allowed: `${traffic.generation} for what is live, ${traffic.generation + 1} for a change`,
        fix: "take the newest config (git pull); to go back on purpose use hitless rollback",
      },
    ];
  }
  const same =
    list(wanted.live) === list(traffic.live) && formatPins(wanted.pins) === formatPins(traffic.pins);
  if (wanted.generation === traffic.generation && !same) {
    return [
      {
        where,
        what: `generation ${traffic.generation} is live as ${list(traffic.live)} at ${formatPins(traffic.pins)}, and this config says ${list(wanted.live)} at ${formatPins(wanted.pins)}`,
        value: wanted.generation,
        allowed: `${traffic.generation + 1} for a change`,
        fix: "if the change is meant, raise hitless:generation by one; if not, take the newest config (git pull)",
      },
    ];
  }
  return [];
}

/** A Service selector moves traffic in the phases old, old+new, new: skipping the middle one leaves a moment with no endpoint. */
function phaseProblems(wanted: WantedTraffic, { traffic }: LiveEnvironment): Problem[] {
  const where = "hitless:live";
  if (!traffic) {
    if (wanted.live.length === 1) return [];
    return [
      {
        where,
        what: "a first release serves one slot",
        value: wanted.live,
        allowed: "[blue] or [green]",
        fix: "name one slot",
      },
    ];
  }
  // A selector that reaches no slot serves nothing: there is no phase to skip.
  if (traffic.live.length === 0 || wanted.live.some((slot) => traffic.live.includes(slot))) return [];
  const both = list([...traffic.live, ...wanted.live]);
  return [
    {
      where,
      what: `live is ${list(traffic.live)}: going straight to ${list(wanted.live)} skips the phase ${both}, in which both slots answer`,
      value: wanted.live,
      allowed: `${JSON.stringify(traffic.live)}, or both slots`,
      fix: "apply both slots first, then the new one alone; hitless cutover does so",
    },
  ];
}

/** A slot that gets traffic must exist, run the pinned revision, and have the replicas for it. */
function slotProblems(
  slot: Slot,
  wanted: WantedTraffic,
  environment: LiveEnvironment,
  outputs: SlotOutputs,
): Problem[] {
  const pin = wanted.pins[slot];
  const where = `slot ${slot}`;
  const live = environment.slots[slot];
  if (!live)
    return [
      {
        where,
        what: "does not exist on the cluster",
        fix: `release it first: hitless up ENV --slot ${slot}`,
      },
    ];
  if (pin === undefined) {
    return [
      {
        where: `hitless:revisions.${slot}`,
        what: "is missing: traffic goes only to a revision that is named",
        allowed: `${live.revision} (what runs there now)`,
        fix: `pulumi config set --path 'hitless:revisions.${slot}' ${live.revision}`,
      },
    ];
  }
  const problems: Problem[] = [];
  const says = outputs[slot]?.revision;
  for (const [source, revision] of [
    ["the cluster", live.revision],
    ["its own stack", says],
  ] as const) {
    if (revision === pin || (source === "its own stack" && revision === undefined)) continue;
    problems.push({
      where: `hitless:revisions.${slot}`,
      what: `${source} says that slot ${slot} runs ${revision}, not the pinned revision`,
      value: pin,
      allowed: String(revision),
      fix: `release the pinned revision to slot ${slot}, or pin what runs there`,
    });
  }
  const need = capacityOf(wanted, environment);
  if (live.ready < need) {
    problems.push({
      where,
      what: `has ${live.ready} ready replicas of its newest revision, and its share of the traffic needs ${need}`,
      value: live.ready,
      allowed: `${need} or more`,
      fix: `wait until it is ready, or raise hitless:workload.replicas of slot ${slot}`,
    });
  }
  return problems;
}
