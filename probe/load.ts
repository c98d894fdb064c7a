import type { Tally } from "./tally";

/** After a pause of the whole machine, what was missed longer ago than this is not made up for. */
const CATCH_UP_MS = 500;

/** The requests of one probe: how many were begun, how many wait, and whether more may be. */
export class Load {
  private begun = 0;
  private waiting = 0;
  /** No more may be begun. */
  over = false;
  private readonly timers = new Set<NodeJS.Timeout>();
  private resolveIdle: () => void = () => undefined;
  /** Resolves when no more requests may be begun and all that were are over. */
  readonly idle = new Promise<void>((resolve) => (this.resolveIdle = resolve));

  constructor(
    readonly tally: Tally,
    private readonly most: number,
  ) {}

  /** Begins one request every `everyMs` while fewer than `waiting` of these wait for an answer; others are skipped, as are
   * those for which `request` gives nothing, because it has no connection. `request` must not fail. */
  pace(
    { everyMs, waiting }: { everyMs: number; waiting: number },
    offsetMs: number,
    request: () => Promise<unknown> | undefined,
  ): void {
    let open = 0;
    let due = performance.now() + offsetMs;
    const look = (): void => {
      const now = performance.now();
      if (now - due > CATCH_UP_MS) {
        const missed = Math.floor((now - due) / everyMs);
        this.tally.skipped += missed;
        due += missed * everyMs;
      }
      for (; due <= now; due += everyMs) {
        if (this.over) return;
        if (open >= waiting) {
          this.tally.skipped += 1;
          continue;
        }
        const answer = request();
        if (!answer) {
          this.tally.skipped += 1;
          continue;
        }
        open += 1;
        void this.track(answer).finally(() => (open -= 1));
      }
      this.later(look, due - now);
    };
    this.later(look, offsetMs);
  }

  /** Counts one more that was begun; one beside those that are paced, too. */
  count(): void {
    this.begun += 1;
    if (this.begun >= this.most) this.end();
  }

  /** Begins no more. */
  end(): void {
    this.over = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.settle();
  }

  private later(look: () => void, ms: number): void {
    if (this.over) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      look();
    }, ms);
    this.timers.add(timer);
  }

  private async track(answer: Promise<unknown>): Promise<void> {
    this.waiting += 1;
    this.count();
    try {
      await answer;
    } finally {
      this.waiting -= 1;
      this.settle();
    }
  }

  private settle(): void {
    if (this.over && this.waiting === 0) this.resolveIdle();
  }
}
