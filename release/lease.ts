import * as fs from "node:fs";
import * as os from "node:os";
import type { V1Lease } from "@kubernetes/client-node";
import { V1MicroTime } from "@kubernetes/client-node";
import { type Cluster, found, statusOf } from "../components/live/cluster";
import { type AppEnvironment, leaseName } from "../components/names";
import { refused } from "../shared/errors";
import { alive, self } from "../shared/process";

/** Who releases, since when, and how far it is: what `status` shows. */
export interface Releasing {
  by: string;
  since: string;
  step: string;
}

/** The Lease is renewed this often, and counts as abandoned after three renewals were missed. */
const RENEW_SECONDS = 10;
const DURATION_SECONDS = 3 * RENEW_SECONDS;

const NOTE = {
  step: "hitless.dev/step",
  /** The generation of the traffic config whose release went through to its end. */
  finished: "hitless.dev/finished-generation",
} as const;

/** This machine and this boot: a process id means something only there. */
function machine(): string {
  try {
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${os.hostname()}/${boot.slice(0, 8)}/${fs.statSync("/proc/self/ns/pid").ino}`;
  } catch {
    return os.hostname();
  }
}

interface Holder {
  user: string;
  machine: string;
  pid: number;
  started: string;
}

const format = ({ user, machine: where, pid, started }: Holder) =>
  `${user}@${where} pid ${pid} started ${started}`;

function parse(identity: string): Holder | undefined {
  const match = /^(.*)@(.*) pid (\d+) started (.*)$/.exec(identity);
  if (!match) return undefined;
  const [, user = "", where = "", pid, started = ""] = match;
  return { user, machine: where, pid: Number(pid), started };
}

type State = "free" | "held" | "abandoned";

/**
 * Whether a Lease's holder can still act. On this machine its process is looked for, so that a stopped one keeps its
 * lock and a killed one does not; from elsewhere only missed renewals tell.
 */
export function stateOf(lease: V1Lease | undefined, now = Date.now()): State {
  const identity = lease?.spec?.holderIdentity;
  if (!identity) return "free";
  const holder = parse(identity);
  if (holder?.machine === machine()) return alive(holder) ? "held" : "abandoned";
  const renewed = lease?.spec?.renewTime ? new Date(lease.spec.renewTime).getTime() : 0;
  const lasts = (lease?.spec?.leaseDurationSeconds ?? DURATION_SECONDS) * 1000;
  return now - renewed > lasts ? "abandoned" : "held";
}

/** The environment's release lock, held by this process. */
export interface ReleaseLease {
  readonly holder: string;
  /** The step at which the last holder was killed, if it was. */
  readonly interrupted: string | undefined;
  /** The newest generation whose release went through to its end. */
  readonly finished: number;
  /** Says how far the release is. Refuses when the Lease was lost in between. */
  step(title: string): Promise<void>;
  /** Notes that the release of this generation is through. */
  finish(generation: number): Promise<void>;
  release(): Promise<void>;
}

/** @throws HitlessError when somebody else's release runs */
export async function takeLease(cluster: Cluster, at: AppEnvironment, doing: string): Promise<ReleaseLease> {
  const name = leaseName(at.app);
  const { namespace } = at;
  const me = format({ user: os.userInfo().username, machine: machine(), ...self() });
  let current = await found(cluster.coordination.readNamespacedLease({ namespace, name }));
  const state = stateOf(current);
  if (state === "held") throw held(at, releasingOf(current));
  const interrupted = state === "abandoned" ? current?.metadata?.annotations?.[NOTE.step] : undefined;
  const now = () => new V1MicroTime();
  const body = (annotations: Record<string, string>): V1Lease => ({
    metadata: {
      ...current?.metadata,
      name,
      namespace,
      annotations: { ...current?.metadata?.annotations, ...annotations },
    },
    spec: { ...current?.spec, renewTime: now() },
  });
  // Whoever writes last with an old resourceVersion is refused by the API server: two at once cannot both win.
  const write = async (lease: V1Lease): Promise<void> => {
    try {
      current = current
        ? await cluster.coordination.replaceNamespacedLease({ namespace, name, body: lease })
        : await cluster.coordination.createNamespacedLease({ namespace, body: lease });
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      throw held(at, releasingOf(await found(cluster.coordination.readNamespacedLease({ namespace, name }))));
    }
  };
  await write({
    ...body({ [NOTE.step]: doing }),
    spec: {
      holderIdentity: me,
      leaseDurationSeconds: DURATION_SECONDS,
      acquireTime: now(),
      renewTime: now(),
    },
  });
  // One write at a time: a renewal and a step at once would fail each other.
  let queue: Promise<void> = Promise.resolve();
  const inTurn = (make: () => V1Lease): Promise<void> => {
    const turn = queue.then(() => write(make()));
    queue = turn.catch(() => undefined);
    return turn;
  };
  const timer = setInterval(() => void inTurn(() => body({})).catch(() => undefined), RENEW_SECONDS * 1000);
  timer.unref();
  return {
    holder: me,
    interrupted,
    finished: Number(current?.metadata?.annotations?.[NOTE.finished] ?? 0),
    step: (title) => inTurn(() => body({ [NOTE.step]: title })),
    finish: (generation) => inTurn(() => body({ [NOTE.finished]: String(generation) })),
    async release() {
      clearInterval(timer);
      await inTurn(() => ({
        ...body({ [NOTE.step]: "" }),
        spec: { ...current?.spec, holderIdentity: undefined as never },
      }));
    },
  };
}

export function releasingOf(lease: V1Lease | undefined): Releasing | null {
  const identity = lease?.spec?.holderIdentity;
  if (!identity) return null;
  return {
    by: identity,
    since: lease.spec?.acquireTime ? new Date(lease.spec.acquireTime).toISOString() : "",
    step: lease.metadata?.annotations?.[NOTE.step] ?? "",
  };
}

function held(at: AppEnvironment, releasing: Releasing | null) {
  return refused(`a release of ${at.environment} is running`, [
    {
      what: `${releasing?.by ?? "somebody"} holds its Lease since ${releasing?.since ?? "just now"}, at the step "${releasing?.step ?? ""}"`,
      allowed: "one release at a time",
      fix: `wait for it: hitless status ${at.environment}`,
    },
  ]);
}

/** Reads who releases, without taking part. A holder that is dead counts as nobody, and is named as such. */
export async function readReleasing(
  cluster: Cluster,
  at: AppEnvironment,
): Promise<{ releasing: Releasing | null; abandoned: Releasing | null }> {
  const lease = await found(
    cluster.coordination.readNamespacedLease({ namespace: at.namespace, name: leaseName(at.app) }),
  );
  const releasing = releasingOf(lease);
  return stateOf(lease) === "abandoned"
    ? { releasing: null, abandoned: releasing }
    : { releasing, abandoned: null };
}
