import * as pulumi from "@pulumi/pulumi";
import type { LiveEnvironment } from "../components/live/environment";
import { SelectorTraffic } from "../components/traffic";
import { capacityOf, type SlotOutputs, trafficProblems } from "../components/traffic/check";
import { type Pins, type Slot, SLOTS } from "../components/names";
import { refused } from "../shared/errors";
import type { TrafficConfig } from "./config";

/** What each served slot's own stack says of it. */
async function readOutputs(config: TrafficConfig, live: LiveEnvironment): Promise<SlotOutputs> {
  const read = async (slot: Slot) => {
    const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${config.environment}-${slot}`;
    const reference = new pulumi.StackReference(stack);
    const revision = (await reference.getOutputDetails("revision")).value as string | undefined;
    return [slot, { revision }] as const;
  };
  return Object.fromEntries(await Promise.all(config.live.filter((slot) => live.slots[slot]).map(read)));
}

/** Registers the Service that sends traffic to the slots in `live`, or refuses before anything is registered. */
export async function traffic(
  config: TrafficConfig,
  live: LiveEnvironment,
): Promise<Record<string, unknown>> {
  const pins: Pins = Object.fromEntries(
    SLOTS.flatMap((slot) =>
      config.revisions[slot] && config.live.includes(slot) ? [[slot, config.revisions[slot]]] : [],
    ),
  );
  const wanted = { live: config.live, pins, capacity: config.capacity, generation: config.generation };
  // The cluster alone may settle it; the slots' own stacks are read where it does not.
  let problems = trafficProblems(wanted, live, {});
  // What the cluster refuses already needs no second opinion, and nothing is registered for it.
  if (problems.length === 0) problems = trafficProblems(wanted, live, await readOutputs(config, live));
  if (problems.length > 0) throw refused(`traffic of ${config.environment} stays where it is`, problems);
  const component = new SelectorTraffic(config.app, { ...config, pins, capacity: capacityOf(wanted, live) });
  return {
    live: config.live,
    revisions: pins,
    generation: config.generation,
    service: component.service.metadata.name,
  };
}
