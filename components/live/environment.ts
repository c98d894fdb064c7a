import type { V1Deployment, V1Service } from "@kubernetes/client-node";
import {
  ANNOTATION,
  type AppEnvironment,
  deploymentName,
  environmentLabels,
  LABEL,
  leaseName,
  parsePins,
  type Pins,
  type Slot,
  SLOTS,
} from "../names";
import { type Cluster, found } from "./cluster";

/** One slot's Deployment as the cluster has it. */
export interface LiveSlot {
  uid: string;
  revision: string | undefined;
  secretsMark: string | undefined;
  image: string;
  renewals: number;
  desired: number;
  /** Pods of the newest template that are available, at least. */
  ready: number;
  /** True when the controller has seen the newest spec and every pod of it is available, and no older one is left. */
  settled: boolean;
}

/** The traffic Service as the cluster has it. */
export interface LiveTraffic {
  uid: string;
  resourceVersion: string;
  generation: number;
  /** The slots its selector reaches. */
  live: Slot[];
  pins: Pins;
  capacity: number;
  port: { port: number; nodePort?: number };
  clusterIP: string | undefined;
}

/** Who holds the environment's release Lease. */
export interface LiveRelease {
  holder: string;
}

/** What an environment looks like on the cluster, read at one moment. */
export interface LiveEnvironment {
  traffic: LiveTraffic | undefined;
  slots: Partial<Record<Slot, LiveSlot>>;
  releasing: LiveRelease | undefined;
}

export async function readEnvironment(cluster: Cluster, at: AppEnvironment): Promise<LiveEnvironment> {
  const { namespace } = at;
  const [service, lease, ...deployments] = await Promise.all([
    found(cluster.core.readNamespacedService({ namespace, name: at.app })),
    found(cluster.coordination.readNamespacedLease({ namespace, name: leaseName(at.app) })),
    ...SLOTS.map((slot) =>
      found(cluster.apps.readNamespacedDeployment({ namespace, name: deploymentName(at.app, slot) })),
    ),
  ]);
  const slots: Partial<Record<Slot, LiveSlot>> = {};
  SLOTS.forEach((slot, index) => {
    const deployment = deployments[index];
    if (deployment) slots[slot] = readSlot(deployment);
  });
  const holder = lease?.spec?.holderIdentity;
  return { traffic: service && readTraffic(service), slots, releasing: holder ? { holder } : undefined };
}

/** A number out of an annotation; one that somebody broke by hand counts as absent. */
const count = (text: string | undefined, fallback: number): number =>
  /^\d{1,15}$/.test(text ?? "") ? Number(text) : fallback;

/** A Deployment's state, in the words of a slot. */
export function readSlot(deployment: V1Deployment): LiveSlot {
  const { metadata, spec, status } = deployment;
  const template = spec?.template;
  const desired = spec?.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  // Kubernetes counts available pods of all templates together. Those of older ones must not count for the newest
  // revision, so all of them are taken to be available: this is what the newest has at least.
  const older = Math.max(0, (status?.replicas ?? 0) - updated);
  const ready = seen ? Math.max(0, Math.min((status?.availableReplicas ?? 0) - older, updated)) : 0;
  return {
    uid: metadata?.uid ?? "",
    revision: template?.metadata?.annotations?.[ANNOTATION.revision],
    secretsMark: template?.metadata?.annotations?.[ANNOTATION.secrets],
    image: template?.spec?.containers[0]?.image ?? "",
    renewals: count(template?.metadata?.annotations?.[ANNOTATION.renewals], 0),
    desired,
    ready,
    settled: seen && updated === desired && (status?.replicas ?? 0) === desired && ready === desired,
  };
}

/** The traffic Service's state: which slots its selector reaches, and the config it says it carries. */
export function readTraffic(service: V1Service): LiveTraffic {
  const annotations = service.metadata?.annotations ?? {};
  const selected = service.spec?.selector?.[LABEL.slot];
  const port = service.spec?.ports?.[0];
  return {
    uid: service.metadata?.uid ?? "",
    resourceVersion: service.metadata?.resourceVersion ?? "",
    generation: count(annotations[ANNOTATION.generation], 0),
    live: selected === undefined ? [...SLOTS] : SLOTS.filter((slot) => slot === selected),
    pins: parsePins(annotations[ANNOTATION.pins]),
    capacity: count(annotations[ANNOTATION.capacity], 1),
    port: { port: port?.port ?? 0, ...(port?.nodePort ? { nodePort: port.nodePort } : {}) },
    clusterIP: service.spec?.clusterIP,
  };
}

/** The label selector that finds every pod of the environment, as the API server's text form. */
export const environmentSelector = (at: AppEnvironment, slot?: Slot): string =>
  Object.entries({ ...environmentLabels(at), ...(slot ? { [LABEL.slot]: slot } : {}) })
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
