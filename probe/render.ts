import type { ProbeResult } from "./types";

const number = (value: number) => value.toLocaleString("en-US");

/** A probe's result as an aligned table. */
export function renderProbe(result: ProbeResult): string[] {
  const rows = [
    ["client", "requests", "failed"],
    ...Object.entries(result.byClient).map(([kind, { total, failed }]) => [
      kind,
      number(total),
      number(failed),
    ]),
  ];
  const { p50, p95, p99, max } = result.latency;
  const slots = Object.entries(result.bySlot).filter(([slot]) => slot);
  const lines = [
    `${number(result.failed)} of ${number(result.total)} requests failed; with 95 % confidence the failure rate is below ${(100 * result.upperBound95).toPrecision(2)} %`,
    "",
    ...rows.map(
      ([kind = "", total = "", failed = ""]) =>
        `${kind.padEnd(16)}${total.padStart(10)}${failed.padStart(10)}`,
    ),
    "",
    `latency         p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, most ${max} ms`,
  ];
  if (slots.length > 0)
    lines.push(`answered by     ${slots.map(([slot, count]) => `${slot} ${number(count)}`).join(", ")}`);
  if (result.skipped > 0)
    lines.push(`not made        ${number(result.skipped)}, because too many were waiting for an answer`);
  for (const { at, client, kind, detail } of result.samples)
    lines.push(`  ${at}  ${client}: ${kind} (${detail})`);
  return lines;
}
