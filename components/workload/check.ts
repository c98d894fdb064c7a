import type { Problem } from "../../shared/errors";
import type { LiveEnvironment } from "../live/environment";
import type { Slot } from "../names";

/** What a slot stack is about to apply, as far as it can endanger traffic. */
export interface WantedSlot {
  slot: Slot;
  strategy: "blue-green" | "rolling";
  revision: string;
  secretsMark: string | undefined;
  replicas: number;
  renewals: number;
  rollout: "RollingUpdate" | "Recreate";
}

/**
 * Why this config may not be applied to the slot as things stand on the cluster; empty when it may.
 * A slot without traffic may be changed at will. The live one may be renewed and scaled up, and with strategy
 * `rolling` updated in place; anything else would touch pods that answer requests.
 */
export function slotProblems(wanted: WantedSlot, live: LiveEnvironment): Problem[] {
  const { slot } = wanted;
  const now = live.slots[slot];
  const problems: Problem[] = [];
  if (now && wanted.renewals < now.renewals) {
    problems.push({
      where: "hitless:renewals",
      what: `the config of slot ${slot} is older than what is live: its pods have been renewed ${now.renewals} times`,
      value: wanted.renewals,
      allowed: `${now.renewals} or more`,
      fix: "take the newest config (git pull), or set hitless:renewals to the live number",
    });
  }
  const traffic = live.traffic;
  if (!traffic?.live.includes(slot)) return problems;
  if (wanted.strategy === "blue-green" && now && now.revision !== wanted.revision) {
    problems.push({
      where: `slot ${slot}`,
      what: `is live with revision ${now.revision}, and this config is revision ${wanted.revision}: blue-green never changes pods that get traffic`,
      value: wanted.revision,
      allowed: `${now.revision} while ${slot} is live`,
      fix: `release it to the other slot and cut over (hitless up ENV --slot ${slot === "blue" ? "green" : "blue"}), or set hitless:strategy to rolling`,
    });
  }
  if (wanted.strategy === "blue-green" && now && now.secretsMark !== wanted.secretsMark) {
    problems.push({
      where: "hitless:secrets",
      what: `slot ${slot} is live, and its secrets differ from this config's: blue-green never changes pods that get traffic`,
      fix: "release the new secrets to the other slot and cut over, or set hitless:strategy to rolling",
    });
  }
  if (wanted.rollout === "Recreate") {
    problems.push({
      where: "hitless:workload.rollout.type",
      what: `slot ${slot} is live, and Recreate stops all its pods before new ones start`,
      value: wanted.rollout,
      allowed: "RollingUpdate while it is live",
      fix: "remove it, or move traffic to the other slot first",
    });
  }
  if (wanted.replicas < traffic.capacity) {
    problems.push({
      where: "hitless:workload.replicas",
      what: `slot ${slot} is live and must be able to carry all traffic`,
      value: wanted.replicas,
      allowed: `${traffic.capacity} or more (the capacity the traffic stack asks for)`,
      fix: "keep the replicas, or first lower hitless:capacity in the traffic stack",
    });
  }
  return problems;
}
