import type { ProbeResult } from "./types";

const number = (value: number): string => value.toLocaleString("en-US");
const ms = (value: number): string =>
  `${value < 100 ? Number(value.toPrecision(2)) : number(Math.round(value))} ms`;

/** A share as a reader says it, rounded up: a bound that is rounded down is none. */
function percent(share: number): string {
  if (share >= 1) return "100 %";
  const scale = 10 ** (1 - Math.floor(Math.log10(share * 100)));
  return `${Number((Math.ceil(share * 100 * scale - 1e-9) / scale).toPrecision(2))} %`;
}

/** A probe's result as an aligned table, for the terminal. */
export function renderProbe(result: ProbeResult): string[] {
  const { total, failed, latency } = result;
  if (total === 0) return ["No request ended: nothing was measured."];
  const lines = [
    failed === 0
      ? `None of ${number(total)} requests failed: with 95 % confidence the failure rate is below ${percent(result.upperBound95)}.`
      : `${number(failed)} of ${number(total)} requests failed: with 95 % confidence the failure rate is below ${percent(result.upperBound95)}.`,
    "",
    ...table([
      ["client", "requests", "failed"],
      ...Object.entries(result.byClient).map(([kind, of]) => [kind, number(of.total), number(of.failed)]),
    ]),
  ];
  const named = (title: string, counts: Record<string, number | undefined>): void => {
    const entries = Object.entries(counts);
    if (entries.length > 0)
      lines.push(
        `${title.padEnd(16)}${entries.map(([name, count]) => `${name} ${number(count ?? 0)}`).join(", ")}`,
      );
  };
  lines.push("");
  named("failures", result.failures);
  named("by slot", result.bySlot);
  named("by version", result.byVersion);
  // Nothing that went well has no latency.
  if (failed < total)
    lines.push(
      `${"latency".padEnd(16)}p50 ${ms(latency.p50)}, p95 ${ms(latency.p95)}, p99 ${ms(latency.p99)}, max ${ms(latency.max)}`,
    );
  if (result.skipped > 0)
    lines.push(
      `${"not made".padEnd(16)}${number(result.skipped)}, because earlier ones still waited for an answer`,
    );
  if (result.samples.length > 0) {
    lines.push(
      "",
      result.samples.length < failed ? `The first ${result.samples.length} failures:` : "Failures:",
    );
    const width = Math.max(...result.samples.map(({ client, kind }) => `${client} ${kind}`.length));
    for (const { at, client, kind, detail } of result.samples)
      lines.push(`  ${at.slice(11, 23)}  ${`${client} ${kind}`.padEnd(width)}  ${detail}`);
  }
  return lines;
}

/** The first column on the left, numbers on the right. */
function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(14) : cell.padStart((widths[column] ?? 0) + 2)))
      .join(""),
  );
}
