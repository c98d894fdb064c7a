import type { Receipt, Tick } from "./receipt";

/** Requests a second over a stretch of time, times in seconds since the release began. */
export interface Bin {
  from: number;
  /** How many seconds it spans. */
  seconds: number;
  /** Requests a second, by the slot that answered. */
  ok: Record<string, number>;
  failed: number;
}

export interface Timeline {
  /** The chart's reach, in seconds since the release began. */
  start: number;
  end: number;
  /** Seconds of a bin; the last may have fewer. */
  width: number;
  bins: Bin[];
  /** Slots that answered, `blue` before `green`; "" stands for answers that name no slot. */
  slots: string[];
  /** The highest requests a second of any bin. */
  peak: number;
}

/** Widths that read well on a time axis. */
const WIDTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const MOST_BINS = 160;

/** Sorts the probe's seconds into at most about 160 bins that cover the release from end to end. Pure. */
export function timelineOf({ startedAt, finishedAt, timeline, steps }: Receipt): Timeline {
  const zero = Date.parse(startedAt) / 1000;
  const since = (iso: string): number => Date.parse(iso) / 1000 - zero;
  const begins = [0, ...timeline.map(({ second }) => second - zero), ...steps.map((s) => since(s.startedAt))];
  const ends = [
    since(finishedAt),
    ...timeline.map(({ second }) => second + 1 - zero),
    ...steps.map((s) => since(s.startedAt) + s.durationMs / 1000),
  ];
  // Reduce, not Math.min(...): a day's timeline is more arguments than a call takes.
  const start = begins.reduce((a, b) => Math.min(a, b));
  const end = Math.max(
    ends.reduce((a, b) => Math.max(a, b)),
    start + 1,
  );
  const width = WIDTHS.find((w) => (end - start) / w <= MOST_BINS) ?? Math.ceil((end - start) / MOST_BINS);
  const bins = binned(timeline, zero, width);
  return {
    start,
    end,
    width,
    bins,
    slots: slotsOf(timeline),
    peak: bins.reduce((m, b) => Math.max(m, sum(b)), 0),
  };
}

/** One bin after the other without a hole: where nothing was asked, there is nothing. The last may be shorter. */
function binned(timeline: Tick[], zero: number, width: number): Bin[] {
  const first = timeline.reduce((least, { second }) => Math.min(least, second), Infinity);
  const end = timeline.reduce((most, { second }) => Math.max(most, second + 1), -Infinity);
  const bins: Bin[] = [];
  for (let from = first; from < end; from += width)
    bins.push({ from: from - zero, seconds: Math.min(width, end - from), ok: {}, failed: 0 });
  for (const { second, slot, ok, failed } of timeline) {
    const bin = bins[Math.floor((second - first) / width)]!;
    bin.ok[slot] = (bin.ok[slot] ?? 0) + ok / bin.seconds;
    bin.failed += failed / bin.seconds;
  }
  return bins;
}

const sum = ({ ok, failed }: Bin): number => Object.values(ok).reduce((a, b) => a + b, failed);

const slotsOf = (timeline: Tick[]): string[] =>
  [...new Set(timeline.filter(({ ok }) => ok > 0).map(({ slot }) => slot))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  );

const rank = (slot: string): number => (slot === "" ? 2 : slot === "blue" ? 0 : 1);

/** The top of the axis: a little above the highest bin. */
export const ceiling = ({ peak }: Timeline): number => Math.max(1, peak * 1.04);

/** Round times for ticks: about `most` of them over the stretch. */
export function ticks(start: number, end: number, most: number): number[] {
  const step = WIDTHS.find((width) => (end - start) / width <= most) ?? Math.ceil((end - start) / most);
  const first = Math.ceil(start / step) * step;
  return Array.from({ length: Math.floor((end - first) / step) + 1 }, (_, i) => first + i * step);
}
