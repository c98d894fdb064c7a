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
      try {
        const text = await cluster.core.connectGetNamespacedPodProxyWithPath({
          namespace: at.namespace,
          name: `${pod.metadata?.name}:${port}`,
          path: metrics.path.replace(/^\//, ""),
        });
        return gauge(text, metrics.clients) ?? null;
      } catch {
        // A pod that ends while it is asked has no clients any more; one that does not answer is asked again later.
        return pod.metadata?.deletionTimestamp ? 0 : null;
      }
    }),
  );
  return counts.reduce<Clients>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}
