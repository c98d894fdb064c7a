import { count, took, utc } from "./format";
import type { ReceiptFiles } from "./files";
import type { Receipt } from "./receipt";
import { verdictOf } from "./verdict";

/** The widest line that is printed. */
export const COLUMNS = 100;
const NAME = 36;
const NUMBER = 10;

/** A receipt for the terminal: colourless lines of at most 100 columns. `files` are named at the end, if given. */
export function renderReceipt(receipt: Receipt, files?: ReceiptFiles): string[] {
  const { environment, from, to, outcome, startedAt, finishedAt } = receipt;
  const verdict = verdictOf(receipt);
  const lasted = took(Date.parse(finishedAt) - Date.parse(startedAt));
  return [
    fit(`${environment}: ${from} -> ${to}, ${outcome} after ${lasted}, ${utc(startedAt)}`),
    "",
    ...wrap(`${verdict.headline}.`),
    ...verdict.details.flatMap(wrap),
    ...section(clients(receipt)),
    ...section(slots(receipt)),
    ...section(failures(receipt)),
    ...section(steps(receipt)),
    ...(files ? ["", fit(`Receipt  ${files.json}`, 0), fit(`Page     ${files.html}`, 0)] : []),
  ];
}

const section = (lines: string[]): string[] => (lines.length ? ["", ...lines] : []);

function clients({ requests, negativeControl }: Receipt): string[] {
  if (!requests) return [];
  const line = (name: string, of: { total: number; failed: number }) =>
    row(name, [count(of.total), count(of.failed)]);
  return [
    row("Requests by client", ["total", "failed"]),
    ...Object.entries(requests.byClient).map(([kind, of]) => line(`  ${kind}`, of)),
    line("  all", requests),
    ...(negativeControl ? [line("Negative control", negativeControl)] : []),
  ];
}

function slots({ requests }: Receipt): string[] {
  const entries = Object.entries(requests?.bySlot ?? {});
  if (!entries.length) return [];
  return [
    row("Answered by slot", ["total"]),
    ...entries.map(([slot, total]) => row(`  ${slot || "(not said)"}`, [count(total)])),
  ];
}

function failures({ requests }: Receipt): string[] {
  const entries = Object.entries(requests?.failures ?? {});
  if (!entries.length) return [];
  return [row("Failures by kind", ["total"]), ...entries.map(([kind, n]) => row(`  ${kind}`, [count(n)]))];
}

function steps({ steps, startedAt }: Receipt): string[] {
  if (!steps.length) return [];
  const zero = Date.parse(startedAt);
  const width = Math.min(Math.max(...steps.map(({ title }) => plain(title).length)) + 6, COLUMNS - 40);
  const last = String(steps.length).length;
  return [
    row("Steps", ["from", "took"], Math.max(width, NAME)),
    ...steps.map(({ title, startedAt: from, durationMs, ok }, i) =>
      [
        row(
          `  ${String(i + 1).padStart(last)}  ${title}`,
          [took(Date.parse(from) - zero), took(durationMs)],
          Math.max(width, NAME),
        ),
        ok ? "" : "  FAILED",
      ].join(""),
    ),
  ];
}

function row(name: string, numbers: string[], width = NAME): string {
  return (
    fit(name, width).padEnd(width) + numbers.map((n) => n.padStart(Math.max(NUMBER, n.length + 2))).join("")
  );
}

/** Control characters and marks that turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu;

/** What cannot move the cursor, change colours or hide words, whoever wrote it. */
const plain = (text: string): string => text.replace(UNPRINTABLE, " ");

/** Cuts to a width, and says that it did. 0: as long as it is (a path that was cut is of no use). */
function fit(text: string, width = COLUMNS): string {
  const clean = plain(text);
  return width && clean.length > width ? `${clean.slice(0, width - 1)}…` : clean;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of plain(text).split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= COLUMNS)
      lines[lines.length - 1] = `${line} ${word}`;
    else
      for (let rest = word; ; rest = rest.slice(COLUMNS)) {
        lines.push(rest.slice(0, COLUMNS));
        if (rest.length <= COLUMNS) break;
      }
  }
  return lines;
}
