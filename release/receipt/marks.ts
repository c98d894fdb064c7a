import type { EChartsOption } from "echarts";
import { type Frame, LAYOUT } from "./chart";
import { count } from "./format";
import { FONT } from "./page-style";
import type { Receipt } from "./receipt";
import { type Bin, ceiling, type Timeline } from "./timeline";

export type Graphic = Extract<NonNullable<EChartsOption["graphic"]>, unknown[]>[number];

/** Pixels a letter takes at most, on average: there is nothing to measure text with. */
const LETTER = 6.6;
const widthOf = (text: string): number => text.length * LETTER;

const line = (x1: number, y1: number, x2: number, y2: number, style: object, z = 5): Graphic => ({
  type: "line",
  shape: { x1, y1, x2, y2 },
  style,
  z,
  silent: true,
});

const text = (x: number, y: number, words: string, style: object = {}, z = 8): Graphic => ({
  type: "text",
  x,
  y,
  style: {
    text: words,
    fill: "var(--ink)",
    fontFamily: FONT,
    fontSize: 12,
    verticalAlign: "middle",
    ...style,
  },
  z,
  silent: true,
});

/** What the vertical axis counts, above its numbers. */
export const axisName = (frame: Frame): Graphic =>
  text(LAYOUT.left - 8, frame.top - 8, "req/s", { align: "right", fill: "var(--soft)" });

/**
 * One row a step, the first on top: a bar as long as the step took, and a line from its start down through the chart.
 * The title stands in the bar, else right of it, where no later line can cross it; near the edge, left of it.
 */
export function stepFlags({ steps, startedAt }: Receipt, frame: Frame): Graphic[] {
  const seconds = (iso: string): number => (Date.parse(iso) - Date.parse(startedAt)) / 1000;
  const starts = steps.map((step) => frame.x(seconds(step.startedAt)));
  return steps.flatMap(({ title, startedAt: from, durationMs, ok }, index) => {
    const left = frame.x(seconds(from));
    const right = Math.max(left + 2, frame.x(seconds(from) + durationMs / 1000));
    const middle = index * LAYOUT.row + LAYOUT.row / 2;
    const words = `${index + 1}  ${ok ? "" : "FAILED: "}${title}`;
    return [
      // Light under dark, so that it shows on any colour.
      line(left, middle, left, frame.bottom, { stroke: "var(--paper)", opacity: 0.45, lineWidth: 1 }),
      line(left, middle, left, frame.bottom, {
        stroke: "var(--ink)",
        opacity: 0.7,
        lineWidth: 1,
        lineDash: [2, 3],
      }),
      {
        type: "rect",
        shape: { x: left, y: middle - 7, width: right - left, height: 14 },
        style: { fill: ok ? "var(--step)" : "var(--bad)" },
        z: 6,
        silent: true,
      },
      flagText(words, { left, right, middle, ok }, beside(left, starts.slice(0, index)), frame),
    ] as Graphic[];
  });
}

/** Pixels of a bar in which even a shortened title is better off than across the lines of other steps. */
const GENEROUS = 220;

function flagText(
  words: string,
  bar: { left: number; right: number; middle: number; ok: boolean },
  leftEnd: number,
  frame: Frame,
): Graphic {
  const wide = widthOf(words) + 12;
  const [leftRoom, rightRoom] = [leftEnd, frame.right - bar.right];
  const inside = bar.right - bar.left;
  if (inside >= wide || (inside >= GENEROUS && rightRoom < wide))
    return text(bar.left + 6, bar.middle, shorten(words, inside - 12), { fill: "var(--paper)" });
  const onRight = rightRoom >= wide || rightRoom >= leftRoom;
  return text(
    onRight ? bar.right + 6 : leftEnd - 6,
    bar.middle,
    shorten(words, (onRight ? rightRoom : leftRoom) - 12),
    {
      align: onRight ? "left" : "right",
      // A halo in the page's colour, so that no line runs through the letters.
      stroke: "var(--paper)",
      lineWidth: 4,
      fill: bar.ok ? "var(--ink)" : "var(--bad)",
    },
  );
}

/** Where a title left of `x` ends, so that it is clear of the lines of steps that began just before. */
const beside = (x: number, earlier: number[]): number =>
  [...earlier]
    .sort((a, b) => b - a)
    .reduce((end, other) => (end - other < 10 ? Math.min(end, other) : end), x);

const shorten = (words: string, room: number): string => {
  const letters = Math.max(8, Math.floor(room / LETTER));
  return words.length > letters ? `${words.slice(0, letters - 1)}…` : words;
};

/** The lane below the chart: a cross for each bin in which requests failed, and how many beside each group of crosses. */
export function failureMarks({ bins }: Timeline, frame: Frame): Graphic[] {
  if (!bins.length) return [];
  const y = frame.bottom + LAYOUT.lane / 2 + 1;
  const label = text(LAYOUT.left - 8, y, "failed", { align: "right", fill: "var(--soft)" });
  const failing = bins.filter(({ failed }) => failed > 0);
  if (!failing.length) return [label, text(LAYOUT.left + 2, y, "none", { fill: "var(--soft)" })];
  const crosses = failing.map((bin) => ({
    x: frame.x(bin.from + bin.seconds / 2),
    failed: bin.failed * bin.seconds,
  }));
  return [
    label,
    ...crosses.flatMap(({ x }) => cross(x, y)),
    ...grouped(crosses).flatMap((group) => sumOf(group, y, frame)),
  ];
}

interface Cross {
  x: number;
  failed: number;
}

const cross = (x: number, y: number): Graphic[] => {
  const style = { stroke: "var(--bad)", lineWidth: 2 };
  return [line(x - 3.5, y - 3.5, x + 3.5, y + 3.5, style), line(x - 3.5, y + 3.5, x + 3.5, y - 3.5, style)];
};

/** Crosses with less than a number's room between them. */
function grouped(crosses: Cross[]): Cross[][] {
  const groups: Cross[][] = [];
  for (const one of crosses) {
    const last = groups.at(-1)?.at(-1);
    if (last && one.x - last.x < 50) groups.at(-1)?.push(one);
    else groups.push([one]);
  }
  return groups;
}

function sumOf(group: Cross[], y: number, frame: Frame): Graphic[] {
  const words = count(Math.round(group.reduce((all, { failed }) => all + failed, 0)));
  const [first, last] = [group[0]?.x ?? 0, group.at(-1)?.x ?? 0];
  const onRight = last + 8 + widthOf(words) <= frame.right;
  return [
    text(onRight ? last + 8 : first - 8, y, words, { align: onRight ? "left" : "right", fill: "var(--bad)" }),
  ];
}

/** Names on the areas themselves, in the middle of the longest stretch in which a slot answers most. */
export function slotNames(timeline: Timeline, frame: Frame): Graphic[] {
  const { bins, slots, peak } = timeline;
  return slots.flatMap((slot, order) => {
    const run = longestRun(bins, (bin) => (bin.ok[slot] ?? 0) > peak * 0.3);
    const [first, last] = [run[0], run.at(-1)];
    const words = slot || "no slot named";
    if (!first || !last || run.length * frame.bin < widthOf(words) + 16) return [];
    const centre = run[Math.floor(run.length / 2)] ?? first;
    const below = slots.slice(0, order).reduce((all, other) => all + (centre.ok[other] ?? 0), 0);
    const height = below + (centre.ok[slot] ?? 0) / 2;
    const y = frame.bottom - (height / ceiling(timeline)) * LAYOUT.plot;
    return [
      text(frame.x((first.from + last.from + last.seconds) / 2), y, words, {
        align: "center",
        fontSize: 15,
        fontWeight: 600,
        fill: slot === "green" || slot === "blue" ? `var(--on-${slot})` : "var(--on-other)",
      }),
    ];
  });
}

function longestRun(bins: Bin[], wanted: (bin: Bin) => boolean): Bin[] {
  let best: Bin[] = [];
  let run: Bin[] = [];
  for (const bin of bins) {
    run = wanted(bin) ? [...run, bin] : [];
    if (run.length > best.length) best = run;
  }
  return best;
}
