import type { ProbeResult } from "./types";

type Tick = ProbeResult["timeline"][number];

/** Outcomes by second and slot. When there are too many ticks, they become twice as wide. */
export class Timeline {
  private widthSeconds = 1;
  private byKey = new Map<string, Tick>();

  constructor(private readonly mostTicks = 10_000) {}

  add(atMs: number, slot: string, ok: boolean): void {
    const tick = this.tick(atMs / 1000, slot);
    if (ok) tick.ok += 1;
    else tick.failed += 1;
    if (this.byKey.size > this.mostTicks) this.widen();
  }

  ticks(): Tick[] {
    return [...this.byKey.values()].sort((a, b) => a.second - b.second || (a.slot < b.slot ? -1 : 1));
  }

  private tick(seconds: number, slot: string): Tick {
    const second = Math.floor(seconds / this.widthSeconds) * this.widthSeconds;
    const key = `${second} ${slot}`;
    let tick = this.byKey.get(key);
    if (!tick) this.byKey.set(key, (tick = { second, slot, ok: 0, failed: 0 }));
    return tick;
  }

  private widen(): void {
    const narrow = this.byKey.values();
    this.widthSeconds *= 2;
    this.byKey = new Map();
    for (const { second, slot, ok, failed } of narrow) {
      const tick = this.tick(second, slot);
      tick.ok += ok;
      tick.failed += failed;
    }
  }
}
