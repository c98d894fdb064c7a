import type { Cluster } from "../components/live/cluster";
import { environmentSelector } from "../components/live/environment";
import { type AppEnvironment, type Slot } from "../components/names";
import { mainPort } from "../components/workload/pods";
import type { SlotConfig } from "../infra/config";

/** Clients connected to a slot: a number, or null where the app does not say. */
export type Clients = number | null;

/** The value of a gauge, summed over its labels, in Prometheus' text form. */
export function gauge(text: string, name: string): number | undefined {
  const values = text.split("\n").flatMap((line) => {
    if (!line.startsWith(name)) return [];
    // Labels, the value, and perhaps the time at which it was taken.
    const match = /^(?:\{.*\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?\s*$/.exec(line.slice(name.length));
    const value = Number(match?.[1]);
    return Number.isFinite(value) ? [value] : [];
  });
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : undefined;
}

/** A pod that vanishes while it is asked leaves the question open for half a minute; this is enough for one that is there. */
const ANSWER_MS = 2000;

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

/** Asks every running pod of the slot, those that are terminating included, how many clients it has. */
export async function countClients(
  cluster: Cluster,
  at: AppEnvironment,
  slot: Slot,
  workload: SlotConfig["workload"] | undefined,
): Promise<Clients> {
  const metrics = workload?.metrics;
  if (!workload || !metrics) return null;
  const port = workload.ports[metrics.port ?? mainPort(workload.ports)];
  const { items: pods } = await cluster.core.listNamespacedPod({
    namespace: at.namespace,
    labelSelector: environmentSelector(at, slot),
  });
  const running = pods.filter((pod) => pod.status?.phase === "Running");
  const counts = await Promise.all(
    running.map(async (pod) => {
      const name = `${pod.metadata?.name}:${port}`;
      const path = metrics.path.replace(/^\//, "");
      const asked = cluster.core.connectGetNamespacedPodProxyWithPath({
        namespace: at.namespace,
        name,
        path,
      });
      try {
        return gauge(await within(asked, ANSWER_MS), metrics.clients) ?? null;
      } catch {
        // It may have closed its listener, with requests still in flight: not answering is no proof of no client.
        return null;
      }
    }),
  );
  return counts.reduce<Clients>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}
