import { upperBound95 } from "./bound";
import type { ClientKind, FailureKind, FailureSample, ProbeResult, SlotTimes } from "./types";

/** One request that was answered, or failed. */
export interface Outcome {
  client: ClientKind;
  slot: string;
  version: string;
  ms: number;
  /** The request opened a connection of its own. */
  fresh: boolean;
  failure?: { kind: FailureKind; detail: string };
}

const SAMPLES = 20;
/** Latencies are counted by whole milliseconds; longer ones count as this. */
const LONGEST_MS = 60_000;

/** Counts outcomes in memory that does not grow with their number. */
export class Tally {
  private readonly started = new Date();
  private total = 0;
  private failed = 0;
  skipped = 0;
  private readonly byClient: ProbeResult["byClient"] = {};
  private readonly bySlot: Record<string, number> = {};
  private readonly byVersion: Record<string, number> = {};
  private readonly failures: Partial<Record<FailureKind, number>> = {};
  private readonly timeline = new Map<string, ProbeResult["timeline"][number]>();
  private readonly samples: FailureSample[] = [];
  private readonly slots: Record<string, SlotTimes> = {};
  private readonly latencies = new Uint32Array(LONGEST_MS + 1);
  private readonly open = new Map<string, { client: ClientKind; slot: string }>();
  private waiting: { count: number; resolve: () => void }[] = [];

  record(outcome: Outcome): void {
    const { client, slot, version, failure } = outcome;
    const now = Date.now();
    this.total += 1;
    const own = (this.byClient[client] ??= { total: 0, failed: 0 });
    own.total += 1;
    const answered = slot !== "" || failure === undefined;
    const tick = this.tick(Math.floor(now / 1000), slot);
    if (failure) {
      this.failed += 1;
      own.failed += 1;
      tick.failed += 1;
      this.failures[failure.kind] = (this.failures[failure.kind] ?? 0) + 1;
      if (this.samples.length < SAMPLES)
        this.samples.push({ at: new Date(now).toISOString(), client, ...failure });
      this.waiting = this.waiting.filter(({ count, resolve }) =>
        this.failed < count ? true : (resolve(), false),
      );
    } else {
      tick.ok += 1;
      const at = Math.min(LONGEST_MS, Math.max(0, Math.round(outcome.ms)));
      this.latencies[at] = (this.latencies[at] ?? 0) + 1;
    }
    if (!answered) return;
    this.bySlot[slot] = (this.bySlot[slot] ?? 0) + 1;
    if (version) this.byVersion[version] = (this.byVersion[version] ?? 0) + 1;
    this.seen(slot, now, outcome.fresh);
  }

  /** Notes which slot a connection that stays open belongs to; undefined: it closed. */
  connection(id: string, client: ClientKind, slot: string | undefined): void {
    if (slot === undefined) this.open.delete(id);
    else this.open.set(id, { client, slot });
  }

  get count(): number {
    return this.total;
  }

  untilFailures(count: number): Promise<void> {
    if (this.failed >= count) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }

  /** Lets go of everybody who waits for failures that will not come. */
  end(): void {
    this.waiting.forEach(({ resolve }) => resolve());
    this.waiting = [];
  }

  result(): ProbeResult {
    const lastSlotOf: ProbeResult["lastSlotOf"] = {};
    for (const { client, slot } of this.open.values()) (lastSlotOf[client] ??= []).push(slot);
    return {
      startedAt: this.started.toISOString(),
      finishedAt: new Date().toISOString(),
      total: this.total,
      failed: this.failed,
      byClient: structuredClone(this.byClient),
      bySlot: { ...this.bySlot },
      byVersion: { ...this.byVersion },
      failures: { ...this.failures },
      upperBound95: upperBound95(this.failed, this.total),
      timeline: [...this.timeline.values()],
      samples: [...this.samples],
      slots: structuredClone(this.slots),
      lastSlotOf,
      latency: this.latency(),
      skipped: this.skipped,
    };
  }

  private tick(second: number, slot: string): ProbeResult["timeline"][number] {
    const key = `${second} ${slot}`;
    let tick = this.timeline.get(key);
    if (!tick) this.timeline.set(key, (tick = { second, slot, ok: 0, failed: 0 }));
    return tick;
  }

  private seen(slot: string, now: number, fresh: boolean): void {
    const times = (this.slots[slot] ??= {
      firstSeen: now,
      lastSeen: now,
      firstNewConnection: null,
      lastNewConnection: null,
    });
    times.lastSeen = now;
    if (!fresh) return;
    times.firstNewConnection ??= now;
    times.lastNewConnection = now;
  }

  private latency(): ProbeResult["latency"] {
    const answered = this.latencies.reduce((sum, count) => sum + count, 0);
    const at = (share: number): number => {
      let left = Math.ceil(answered * share);
      for (let ms = 0; ms <= LONGEST_MS; ms++) {
        left -= this.latencies[ms] ?? 0;
        if (left <= 0) return answered === 0 ? 0 : ms;
      }
      return LONGEST_MS;
    };
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
  }
}
