/** One running part of a long piece of work. */
export interface Step {
  /** Says what the part is busy with; shown with the next heartbeat. */
  update(detail: string): void;
  done(detail?: string): void;
  fail(detail?: string): void;
}

/** Where long work reports to. Everything that takes longer than a second takes one of these. */
export interface Progress {
  start(title: string): Step;
  /** A line of its own, outside any step. */
  note(line: string): void;
}

/** How often a part that is still running says so. */
const HEARTBEAT_MS = 15_000;

/** Elapsed time the way a reader says it: `0.4 s`, `12 s`, `3 min 05 s`. */
export function elapsed(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Writes one line a finished part, and a heartbeat for one that takes long. Calm and colourless: it is read in logs too. */
export function lineProgress(out: { write(text: string): unknown } = process.stderr): Progress {
  return {
    note: (line) => void out.write(`${line}\n`),
    start(title) {
      const began = Date.now();
      let detail = "";
      const say = (mark: string, more = "") =>
        void out.write(`${mark} ${title}${more ? `: ${more}` : ""} (${elapsed(Date.now() - began)})\n`);
      const timer = setInterval(() => say("...", detail), HEARTBEAT_MS);
      timer.unref();
      const end = (mark: string) => (more?: string) => {
        clearInterval(timer);
        say(mark, more);
      };
      return { update: (text) => void (detail = text), done: end("ok "), fail: end("NO ") };
    },
  };
}

/** For `--quiet` and for tests. */
export const silentProgress: Progress = {
  note: () => undefined,
  start: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }),
};
