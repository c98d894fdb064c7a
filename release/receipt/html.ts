import { renderChart } from "./chart";
import { diff } from "./diff";
import { count, took, utc } from "./format";
import { STYLE } from "./page-style";
import type { Receipt, Requests } from "./receipt";
import { verdictOf } from "./verdict";

/** What may stand in an HTML text or attribute, whoever wrote it. */
export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A receipt as one page that needs nothing else: no script, no address, light and dark, and on paper. */
export function renderHtml(receipt: Receipt): string {
  const { environment, from, to } = receipt;
  const title = `${environment}: ${from} to ${to}, ${receipt.outcome}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<style>${STYLE}</style>
<main>
${header(receipt)}
${figure(receipt)}
<div class="columns">
${steps(receipt)}
<div>
${clients(receipt)}
${failures(receipt)}
</div>
</div>
${samples(receipt)}
${config(receipt)}
${footer(receipt)}
</main>
</html>
`;
}

const MARK = { good: "✓", bad: "✕", unknown: "?" } as const;

function header(receipt: Receipt): string {
  const { environment, from, to, outcome, startedAt, finishedAt } = receipt;
  const verdict = verdictOf(receipt);
  return `<header>
<p class="kind">${escape(environment)}: ${escape(from)} → ${escape(to)} <span class="outcome">${outcome}</span></p>
<h1 class="${verdict.tone}"><span class="mark" aria-hidden="true">${MARK[verdict.tone]}</span> ${escape(verdict.headline)}</h1>
${verdict.details.map((line) => `<p>${escape(line)}</p>`).join("\n")}
<p class="soft">${utc(startedAt)}, took ${took(Date.parse(finishedAt) - Date.parse(startedAt))}</p>
</header>`;
}

function figure(receipt: Receipt): string {
  if (!receipt.timeline.length && !receipt.steps.length) return "";
  const measured = receipt.timeline.length > 0;
  const slots = [...new Set(receipt.timeline.map(({ slot }) => slot).filter(Boolean))].sort();
  const said = measured
    ? `Requests a second over time, by the slot that answered (${slots.join(", ")}), with failures and the ${receipt.steps.length} steps marked. ${verdictOf(receipt).headline}.`
    : `The ${receipt.steps.length} steps over time. Requests were not measured.`;
  return `<figure>
<div class="picture" role="img" aria-label="${escape(said)}">${renderChart(receipt)}</div>
<figcaption>${
    measured
      ? `Requests a second, by the slot that answered. <span class="cross" aria-hidden="true">✕</span> marks failed requests. Bars above: the steps.`
      : "The steps over time. Requests were not measured."
  } Time counts from the release's start.</figcaption>
</figure>`;
}

const table = (head: string[], rows: string[], numbersFrom = 1): string =>
  `<table><thead><tr>${head
    .map((cell, i) => `<th scope="col"${i >= numbersFrom ? ' class="n"' : ""}>${escape(cell)}</th>`)
    .join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table>`;

const numbers = (cells: string[]): string =>
  cells.map((cell) => `<td class="n">${escape(cell)}</td>`).join("");

const row = (name: string, cells: string[], kind = ""): string =>
  `<tr${kind ? ` class="${kind}"` : ""}><th scope="row">${escape(name)}</th>${numbers(cells)}</tr>`;

function steps({ steps, startedAt }: Receipt): string {
  if (!steps.length) return "<div></div>";
  const zero = Date.parse(startedAt);
  const rows = steps.map(
    ({ title, startedAt: from, durationMs, ok }, i) =>
      `<tr${ok ? "" : ' class="bad"'}><td class="n soft">${i + 1}</td><th scope="row">${ok ? "" : "✕ failed: "}${escape(title)}</th>` +
      `${numbers([took(Date.parse(from) - zero), took(durationMs)])}</tr>`,
  );
  return `<section><h2>Steps</h2>${table(["", "Step", "from", "took"], rows, 2)}</section>`;
}

function clients({ requests, negativeControl }: Receipt): string {
  if (!requests) return "";
  const line = (name: string, of: { total: number; failed: number }, kind = ""): string =>
    row(name, [count(of.total), count(of.failed)], kind);
  const rows = [
    ...Object.entries(requests.byClient).map(([kind, of]) => line(kind, of)),
    line("all", requests, "sum"),
    ...(negativeControl ? [line("negative control", negativeControl, "soft")] : []),
  ];
  return `<section><h2>Requests</h2>${table(["Client", "total", "failed"], rows)}${notes(requests)}</section>`;
}

function notes({ bySlot, byVersion, latency }: Requests): string {
  const listed = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([name, n]) => `${name || "none named"} ${count(n)}`)
      .join(", ");
  const lines = [
    ...(Object.keys(bySlot).length ? [`Answered by slot: ${listed(bySlot)}.`] : []),
    ...(Object.keys(byVersion).length ? [`By version: ${listed(byVersion)}.`] : []),
    ...(latency
      ? [
          `Latency in ms: median ${round(latency.p50)}, p95 ${round(latency.p95)}, p99 ${round(latency.p99)}, longest ${round(latency.max)}.`,
        ]
      : []),
  ];
  return lines.length ? `<p class="note">${lines.map(escape).join("<br>")}</p>` : "";
}

function failures({ requests }: Receipt): string {
  const kinds = Object.entries(requests?.failures ?? {});
  if (!kinds.length) return "";
  return `<section><h2>Failures</h2>${table(
    ["Kind", "total"],
    kinds.map(([kind, n]) => row(kind, [count(n)])),
  )}</section>`;
}

const SAMPLES = 10;

function samples({ samples, startedAt }: Receipt): string {
  if (!samples.length) return "";
  const rows = samples
    .slice(0, SAMPLES)
    .map(
      ({ at, client, kind, detail }) =>
        `<tr><td class="n">${took(Date.parse(at) - Date.parse(startedAt))}</td>` +
        `${[client, kind, detail].map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`,
    );
  return `<section class="samples"><h2>First failures</h2>${table(["at", "Client", "Kind", "What was said"], rows, 9)}</section>`;
}

const round = (ms: number): string => (ms < 10 ? ms.toFixed(1) : count(Math.round(ms)));

function config({ config }: Receipt): string {
  const { changed, same } = diff(config.before, config.after);
  const cell = (sign: string, value: string | undefined): string =>
    value === undefined
      ? "<td></td>"
      : `<td><span class="sign">${sign}</span> <code>${escape(value)}</code></td>`;
  const rows = changed.map(
    ({ key, before, after }) =>
      `<tr><th scope="row"><code>${escape(key)}</code></th>${cell("−", before)}${cell("+", after)}</tr>`,
  );
  const kept = same.map(
    ({ key, value }) =>
      `<tr><th scope="row"><code>${escape(key)}</code></th><td><code>${escape(value)}</code></td></tr>`,
  );
  return `<section class="config"><h2>Traffic config</h2>
${rows.length ? table(["Key", "before", "after"], rows, 9) : "<p>Nothing changed.</p>"}
${kept.length ? `<details><summary>${count(kept.length)} unchanged</summary>${table(["Key", "value"], kept, 9)}</details>` : ""}</section>`;
}

function footer({ cluster, policy, versions }: Receipt): string {
  const facts: [string, string][] = [
    [
      "Policy pack",
      `${policy.pack} ${policy.version}, ${policy.violations === 1 ? "1 violation" : `${count(policy.violations)} violations`}`,
    ],
    ["Pulumi", versions.pulumi],
    ["Kubernetes", versions.kubernetes],
    ["Cluster", cluster],
  ];
  return `<footer><dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escape(value)}</dd></div>`).join("")}</dl></footer>`;
}
