import type { V1EndpointSlice, V1Pod } from "@kubernetes/client-node";
import type { Cluster } from "../components/live/cluster";
import { environmentSelector, readEnvironment } from "../components/live/environment";
import { type AppEnvironment, LABEL, type Slot, SLOTS } from "../components/names";
import { refused } from "../shared/errors";

const POLL_MS = 50;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How the data plane's state was proven. */
export type Proof = "kube-proxy" | "waited";

/** How long a live system may take to show what was applied. */
const PATIENCE_MS = 30_000;

/**
 * Reads back that traffic is where the config says: first the Service, then the EndpointSlices, which must hold
 * every ready pod of the live slots and none of the other.
 * @throws HitlessError with both values when they do not agree in time
 */
export async function readBackEndpoints(cluster: Cluster, at: AppEnvironment, live: Slot[]): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const { traffic } = await readEnvironment(cluster, at);
    const [slices, pods] = await Promise.all([
      cluster.discovery.listNamespacedEndpointSlice({
        namespace: at.namespace,
        labelSelector: `kubernetes.io/service-name=${at.app}`,
      }),
      cluster.core.listNamespacedPod({ namespace: at.namespace, labelSelector: environmentSelector(at) }),
    ]);
    const seen = endpointsBySlot(slices.items, pods.items);
    const wanted = readyBySlot(pods.items, live);
    const agree =
      traffic?.live.join() === SLOTS.filter((slot) => live.includes(slot)).join() && same(seen, wanted);
    if (agree) return;
    if (Date.now() > until) {
      throw refused("the cluster does not show what was applied", [
        {
          where: "Service selector",
          what: "reaches other slots",
          value: traffic?.live,
          allowed: live.join("+"),
        },
        {
          where: "EndpointSlices",
          what: "hold other pods",
          value: show(seen),
          allowed: show(wanted),
          fix: "see why the EndpointSlice controller lags, then run the same command again",
        },
      ]);
    }
    await pause(POLL_MS);
  }
}

type BySlot = Partial<Record<Slot, string[]>>;

function endpointsBySlot(slices: V1EndpointSlice[], pods: V1Pod[]): BySlot {
  const slotOf = new Map(pods.map((pod) => [pod.metadata?.name, pod.metadata?.labels?.[LABEL.slot] as Slot]));
  const result: BySlot = {};
  for (const endpoint of slices.flatMap((slice) => slice.endpoints)) {
    const pod = endpoint.targetRef?.name;
    const slot = slotOf.get(pod);
    if (endpoint.conditions?.ready && pod && slot) (result[slot] ??= []).push(pod);
  }
  return result;
}

function readyBySlot(pods: V1Pod[], live: Slot[]): BySlot {
  const result: BySlot = {};
  for (const pod of pods) {
    const slot = pod.metadata?.labels?.[LABEL.slot] as Slot;
    const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    if (ready && !pod.metadata?.deletionTimestamp && live.includes(slot))
      (result[slot] ??= []).push(pod.metadata?.name ?? "");
  }
  return result;
}

const show = (by: BySlot) => SLOTS.map((slot) => `${slot}: ${by[slot]?.length ?? 0}`).join(", ");
const same = (a: BySlot, b: BySlot) =>
  SLOTS.every((slot) => [...(a[slot] ?? [])].sort().join() === [...(b[slot] ?? [])].sort().join());

interface ProxyState {
  pending: number;
  /** When rules were last asked for, in seconds since 1970. */
  queued: number;
  /** Whether all that was asked for is written. */
  written: boolean;
}

/** What one node's kube-proxy says of its rules: nothing pending, and written after they were last asked for. */
export function parseProxyMetrics(text: string): ProxyState | undefined {
  // By label set: kube-proxy keeps the rules of each IP family by themselves.
  const values = (name: string) =>
    new Map(
      [...text.matchAll(new RegExp(`^kubeproxy_sync_proxy_rules_${name}(\\{[^}]*\\})? (\\S+)$`, "gm"))].map(
        ([, labels = "", value]) => [labels, Number(value)],
      ),
    );
  const synced = values("last_timestamp_seconds");
  if (synced.size === 0) return undefined;
  const queued = values("last_queued_timestamp_seconds");
  const pending = [
    ...values("endpoint_changes_pending").values(),
    ...values("service_changes_pending").values(),
  ].reduce((sum, value) => sum + value, 0);
  return {
    pending,
    queued: Math.max(0, ...queued.values()),
    written: [...queued].every(([labels, asked]) => (synced.get(labels) ?? 0) >= asked),
  };
}

/** Clocks of nodes may differ by this much from ours before a sync's time says nothing. */
const CLOCK_SLACK_SECONDS = 0;

/**
 * Waits until every node routes by the rules of a change made at `changedAt`. Where kube-proxy can be asked (through
 * the API server's node proxy) it is asked; elsewhere the drain budget's propagation time is waited.
 * @param changedAt epoch milliseconds at which the change was seen on the API server
 */
export async function readBackDataPlane(
  cluster: Cluster,
  changedAt: number,
  propagation: number,
): Promise<Proof> {
  const { items: nodes } = await cluster.core.listNode();
  const names = nodes.map((node) => node.metadata?.name ?? "");
  const until = Date.now() + propagation * 1000;
  const waiting = new Set(names);
  while (waiting.size > 0) {
    for (const name of [...waiting]) {
      const state = await askProxy(cluster, name);
      if (state === undefined) {
        await pause(Math.max(0, until - Date.now()));
        return "waited";
      }
      const noticed = state.queued >= changedAt / 1000 - CLOCK_SLACK_SECONDS;
      if (state.pending === 0 && noticed && state.written) waiting.delete(name);
    }
    // A kube-proxy that saw no change of its own rules never writes them: P is the most it can take.
    if (Date.now() > until) return "waited";
    if (waiting.size > 0) await pause(POLL_MS);
  }
  return "kube-proxy";
}

/** kube-proxy's metrics port; it answers from outside its node only where it was told to. */
const PROXY_METRICS_PORT = 10249;

async function askProxy(cluster: Cluster, node: string): Promise<ProxyState | undefined> {
  try {
    const text = await cluster.core.connectGetNodeProxyWithPath({
      name: `${node}:${PROXY_METRICS_PORT}`,
      path: "metrics",
    });
    return parseProxyMetrics(text);
  } catch {
    return undefined;
  }
}
