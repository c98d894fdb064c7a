import { upperBound95 } from "./bound";
import { Latencies } from "./latency";
import { Timeline } from "./timeline";
import type { ClientKind, FailureKind, FailureSample, ProbeResult, SlotTimes } from "./types";

export interface Failure {
  kind: FailureKind;
  detail: string;
}

/** One request that ended. */
export interface Outcome {
  client: ClientKind;
  /** Who answered; "" where nobody did, or the answer does not say. */
  slot: string;
  version: string;
  /** How long it took; of no interest where it failed. */
  ms: number;
  /** When its connection was begun (milliseconds since 1970), if it is the first request on it. */
  opened?: number | undefined;
  failure?: Failure | undefined;
}

const SAMPLES = 20;
/** More names than any release has: an app that sends a new one with each answer must not fill the memory. */
const MOST_NAMES = 100;

/** Counts outcomes, in memory that does not grow with their number. */
export class Tally {
  skipped = 0;
  private readonly started = new Date();
  private total = 0;
  private failed = 0;
  private readonly byClient: ProbeResult["byClient"];
  private readonly bySlot = new Map<string, number>();
  private readonly byVersion = new Map<string, number>();
  private readonly failures = new Map<FailureKind, number>();
  private readonly timeline = new Timeline();
  private readonly latencies = new Latencies();
  private readonly samples: FailureSample[] = [];
  private readonly slots = new Map<string, SlotTimes>();
  private readonly connections = new Map<string, { client: ClientKind; slot: string }>();
  private readonly listeners = new Set<(failure: FailureSample, failed: number) => void>();

  constructor(clients: readonly ClientKind[]) {
    this.byClient = Object.fromEntries(clients.map((client) => [client, { total: 0, failed: 0 }]));
  }

  record({ client, slot, version, ms, opened, failure }: Outcome): void {
    const now = Date.now();
    const own = (this.byClient[client] ??= { total: 0, failed: 0 });
    this.total += 1;
    own.total += 1;
    this.timeline.add(now, slot, failure === undefined);
    if (slot) {
      count(this.bySlot, slot);
      this.meet(slot, now, opened);
    }
    if (version) count(this.byVersion, version);
    if (!failure) {
      if (client !== "slow") this.latencies.add(ms);
      return;
    }
    this.failed += 1;
    own.failed += 1;
    count(this.failures, failure.kind);
    const sample = { at: new Date(now).toISOString(), client, ...failure };
    if (this.samples.length < SAMPLES) this.samples.push(sample);
    for (const listener of this.listeners) listener(sample, this.failed);
  }

  /** Notes which slot a connection belongs to, for as long as it is open; undefined: it closed. */
  connection(id: string, client: ClientKind, slot: string | undefined): void {
    if (slot) this.connections.set(id, { client, slot });
    else this.connections.delete(id);
  }

  onFailure(listener: (failure: FailureSample, failed: number) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Resolves when that many requests have failed. */
  untilFailures(wanted: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.failed >= wanted) return resolve();
      const off = this.onFailure((_failure, failed) => {
        if (failed < wanted) return;
        off();
        resolve();
      });
    });
  }

  lastSlotOf(): Record<string, string[]> {
    const slots: Record<string, string[]> = {};
    for (const { client, slot } of this.connections.values()) (slots[client] ??= []).push(slot);
    return slots;
  }

  result(): ProbeResult {
    return structuredClone({
      startedAt: this.started.toISOString(),
      finishedAt: new Date().toISOString(),
      total: this.total,
      failed: this.failed,
      byClient: this.byClient,
      bySlot: Object.fromEntries(this.bySlot),
      byVersion: Object.fromEntries(this.byVersion),
      failures: Object.fromEntries(this.failures),
      upperBound95: upperBound95(this.failed, this.total),
      timeline: this.timeline.ticks(),
      samples: this.samples,
      slots: Object.fromEntries(this.slots),
      lastSlotOf: this.lastSlotOf(),
      latency: this.latencies.result(),
      skipped: this.skipped,
    });
  }

  private meet(slot: string, now: number, opened: number | undefined): void {
    let times = this.slots.get(slot);
    if (!times) {
      if (this.slots.size >= MOST_NAMES) return;
      times = { firstSeen: now, lastSeen: now, firstNewConnection: null, lastNewConnection: null };
      this.slots.set(slot, times);
    }
    times.lastSeen = now;
    if (opened === undefined) return;
    // Answers come in another order than connections are begun.
    times.firstNewConnection = Math.min(times.firstNewConnection ?? opened, opened);
    times.lastNewConnection = Math.max(times.lastNewConnection ?? opened, opened);
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  if (counts.has(key) || counts.size < MOST_NAMES) counts.set(key, (counts.get(key) ?? 0) + 1);
}
