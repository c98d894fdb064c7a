import { createRequire } from "node:module";
import * as path from "node:path";
import type { EChartsOption, LineSeriesOption } from "echarts";
import { ROOT } from "../../shared/paths";
import type { Receipt } from "./receipt";
import { FONT } from "./page-style";
import { axisName, failureMarks, type Graphic, slotNames, stepFlags } from "./marks";
import { type Bin, ceiling, ticks, timelineOf } from "./timeline";

/** Pixels. The page scales the picture to its column. */
export const LAYOUT = {
  width: 960,
  left: 52,
  right: 14,
  row: 19,
  gap: 24,
  plot: 210,
  lane: 26,
  axis: 30,
} as const;

/** CSS variables of the page, so that one picture serves light and dark. */
export const slotColour = (slot: string): string =>
  slot === "blue" || slot === "green" ? `var(--${slot})` : "var(--other)";

/** Where things are in the picture. */
export interface Frame {
  /** Horizontal pixel of a time in seconds since the release began. */
  x(seconds: number): number;
  /** The vertical pixels between which requests are drawn. */
  top: number;
  bottom: number;
  right: number;
  /** Pixels of one bin. */
  bin: number;
}

/**
 * Requests a second by slot and outcome over time, with the steps above it, as an SVG element without links or scripts.
 * Each failure is also a cross in a lane of its own, so that one among thousands is seen, with or without colour.
 */
export function renderChart(receipt: Receipt): string {
  const timeline = timelineOf(receipt);
  const measured = timeline.bins.length > 0;
  const top = receipt.steps.length * LAYOUT.row + (measured ? LAYOUT.gap : 4);
  const inner = LAYOUT.width - LAYOUT.left - LAYOUT.right;
  const perSecond = inner / (timeline.end - timeline.start);
  const frame: Frame = {
    x: (seconds) => LAYOUT.left + (seconds - timeline.start) * perSecond,
    top,
    bottom: top + (measured ? LAYOUT.plot : 0),
    right: LAYOUT.width - LAYOUT.right,
    bin: timeline.width * perSecond,
  };
  const { bins } = timeline;
  // Steps, not bars or slopes: a second is one number, and areas without gaps are calmer to read.
  const area = (name: string, color: string, value: (bin: Bin) => number): LineSeriesOption => ({
    name,
    type: "line",
    stack: "all",
    step: "end",
    symbol: "none",
    silent: true,
    lineStyle: { width: 0 },
    areaStyle: { color, opacity: 1 },
    data: bins.flatMap((bin, i) =>
      [bin.from, ...(i === bins.length - 1 ? [bin.from + bin.seconds] : [])].map((x) => [x, value(bin)]),
    ),
  });
  const ranges = { min: timeline.start, max: timeline.end };
  const labels = ticks(timeline.start, timeline.end, 10);
  const lane = measured ? LAYOUT.lane : 0;
  return draw(frame.bottom + lane + LAYOUT.axis, {
    animation: false,
    textStyle: { fontFamily: FONT, fontSize: 12 },
    grid: { left: LAYOUT.left, right: LAYOUT.right, top, height: frame.bottom - top },
    xAxis: {
      type: "value",
      ...ranges,
      offset: lane,
      splitLine: { show: false },
      axisLine: { lineStyle: { color: "var(--line)" }, onZero: false },
      axisTick: { customValues: labels, lineStyle: { color: "var(--line)" } },
      axisLabel: { customValues: labels, color: "var(--soft)", fontSize: 12, formatter: clock },
    },
    yAxis: {
      type: "value",
      show: measured,
      max: ceiling(timeline),
      splitNumber: 4,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: "var(--faint)" } },
      axisLabel: { color: "var(--soft)", fontSize: 12, showMaxLabel: false },
    },
    series: [
      ...timeline.slots.map((slot) =>
        area(slot || "no slot named", slotColour(slot), (bin) => bin.ok[slot] ?? 0),
      ),
      area("failed", "var(--bad-area)", ({ failed }) => failed),
    ],
    graphic: [
      ...(timeline.slots.length ? [axisName(frame)] : []),
      ...slotNames(timeline, frame),
      ...failureMarks(timeline, frame),
      ...stepFlags(receipt, frame),
    ] as Graphic[],
  });
}

function draw(height: number, option: EChartsOption): string {
  // Loaded where it is used, and never bundled: it is by far the largest package here, and few commands draw.
  const echarts = createRequire(path.join(ROOT, "package.json"))("echarts") as typeof import("echarts");
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: LAYOUT.width, height });
  try {
    chart.setOption(option);
    // Inside a page the namespaces go without saying, and without them the page names no address at all.
    return chart.renderToSVGString().replace(/ xmlns(:\w+)?="[^"]*"/g, "");
  } finally {
    chart.dispose();
  }
}

/** Seconds since the release began: `45 s`, and from two minutes on `2:05`. */
function clock(seconds: number): string {
  if (Math.abs(seconds) < 120) return `${seconds} s`.replace("-", "−");
  const whole = Math.abs(Math.round(seconds));
  return `${seconds < 0 ? "−" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
