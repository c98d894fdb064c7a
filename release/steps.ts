import type { Progress } from "../shared/progress";
import { HitlessError, refused } from "../shared/errors";

/** One step of a release, as the receipt keeps it. */
export interface StepRecord {
  title: string;
  startedAt: string;
  durationMs: number;
  ok: boolean;
}

/** Runs the steps of a release in order, and writes down how each went. */
export class Steps {
  readonly records: StepRecord[] = [];

  constructor(
    private readonly progress: Progress,
    /** Told before each step, so that others can see how far the release is. */
    private readonly announce: (title: string) => Promise<void> = () => Promise.resolve(),
    private readonly signal?: AbortSignal,
  ) {}

  /** @throws HitlessError when the release was interrupted: between two steps, or while one only waits */
  stopIfInterrupted(): void {
    if (!this.signal?.aborted) return;
    const last = this.records.at(-1)?.title;
    throw refused(`interrupted ${last ? `after the step "${last}"` : "before the first step"}`, [
      {
        what: "nothing is half applied: each step is whole",
        fix: "run the same command again to go on, or hitless status to look first",
      },
    ]);
  }

  /** @throws what `work` throws, or a refusal when the release was interrupted before this step */
  async run<T>(title: string, work: (update: (detail: string) => void) => Promise<T>): Promise<T> {
    this.stopIfInterrupted();
    await this.announce(title);
    const step = this.progress.start(title);
    const began = Date.now();
    const record = (ok: boolean) =>
      this.records.push({
        title,
        startedAt: new Date(began).toISOString(),
        durationMs: Date.now() - began,
        ok,
      });
    try {
      const result = await work((detail) => step.update(detail));
      record(true);
      step.done();
      return result;
    } catch (error) {
      record(false);
      step.fail(error instanceof HitlessError ? error.title.split("\n")[0] : undefined);
      throw error;
    }
  }
}
