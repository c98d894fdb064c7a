import { found } from "../components/live/cluster";
import { readEnvironment } from "../components/live/environment";
import { SLOTS, type Slot } from "../components/names";
import { countClients } from "./clients";
import type { Context } from "./context";
import { readReleasing, type Releasing } from "./lease";

export interface SlotStatus {
  revision: string | null;
  image: string;
  desired: number;
  ready: number;
  clients: number | null;
}

export interface EnvironmentStatus {
  environment: string;
  /** Where the environment answers; null before it serves. */
  url: string | null;
  live: Slot[];
  /** Percent of new connections by slot. */
  shares: Partial<Record<Slot, number>>;
  phase: "none" | "blue" | "green" | "blue+green";
  slots: Partial<Record<Slot, SlotStatus>>;
  releasing: Releasing | null;
  /** A release whose process is gone: the next command on the environment takes over from it. */
  abandoned: Releasing | null;
}

/** What an environment is, from the cluster alone. Changes nothing. */
export async function environmentStatus(context: Context): Promise<EnvironmentStatus> {
  const { at, cluster, files } = context;
  const [environment, releases, url] = await Promise.all([
    readEnvironment(cluster, at),
    readReleasing(cluster, at),
    findUrl(context),
  ]);
  const slots: EnvironmentStatus["slots"] = {};
  for (const slot of SLOTS) {
    const live = environment.slots[slot];
    if (!live) continue;
    const { revision = null, image, desired, ready } = live;
    const clients = await countClients(cluster, at, slot, files.slots[slot]?.config.workload);
    slots[slot] = { revision, image, desired, ready, clients };
  }
  const live = environment.traffic?.live ?? [];
  // A Service spreads new connections evenly over ready pods.
  const ready = live.map((slot) => slots[slot]?.ready ?? 0);
  const all = ready.reduce((sum, count) => sum + count, 0);
  const shares = Object.fromEntries(
    live.map((slot, index) => [slot, all ? Math.round((100 * (ready[index] ?? 0)) / all) : 0]),
  );
  const phase = live.length === 2 ? "blue+green" : (live[0] ?? "none");
  return { environment: at.environment, url, live, shares, phase, slots, ...releases };
}

/** The address at which the traffic Service answers from where this command runs. */
export async function findUrl({ at, cluster }: Context): Promise<string | null> {
  const service = await found(cluster.core.readNamespacedService({ namespace: at.namespace, name: at.app }));
  const port = service?.spec?.ports?.[0];
  if (!service || !port) return null;
  const balancer = service.status?.loadBalancer?.ingress?.[0];
  if (balancer) return `http://${balancer.hostname ?? balancer.ip}:${port.port}`;
  if (port.nodePort) {
    if (process.env["HITLESS_IN_LAB"]) return `http://127.0.0.1:${port.nodePort}`;
    const { items } = await cluster.core.listNode();
    const address = items[0]?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    return address ? `http://${address}:${port.nodePort}` : null;
  }
  return `http://${service.spec?.clusterIP}:${port.port}`;
}

/** The same, for people. */
export function renderEnvironment(status: EnvironmentStatus): string[] {
  const shares = SLOTS.filter((slot) => status.live.includes(slot)).map(
    (slot) => `${slot} ${status.shares[slot]} %`,
  );
  const lines = [
    `environment  ${status.environment}`,
    `url          ${status.url ?? "(serves nothing yet: hitless up " + status.environment + ")"}`,
    `traffic      ${shares.join(", ") || "none"}`,
  ];
  if (status.releasing)
    lines.push(
      `releasing    ${status.releasing.step} (by ${status.releasing.by} since ${status.releasing.since})`,
    );
  if (status.abandoned)
    lines.push(
      `interrupted  at "${status.abandoned.step}" (${status.abandoned.by} is gone); run the same command again to go on`,
    );
  lines.push(
    "",
    `${"slot".padEnd(7)}${"revision".padEnd(24)}${"ready".padEnd(8)}${"clients".padEnd(9)}image`,
  );
  for (const slot of SLOTS) {
    const one = status.slots[slot];
    if (!one) continue;
    const clients = one.clients === null ? "?" : String(one.clients);
    lines.push(
      `${slot.padEnd(7)}${(one.revision ?? "?").padEnd(24)}${`${one.ready}/${one.desired}`.padEnd(8)}${clients.padEnd(9)}${one.image}`,
    );
  }
  return lines;
}
