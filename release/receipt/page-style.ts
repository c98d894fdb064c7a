/** One family for page and picture, of known width: titles in the picture are placed by their length. */
export const FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif";

/**
 * The page's look. Blue is dark and green light, in print and to every kind of eye; red is kept for what failed, which
 * is also always said by a cross or a word.
 */
export const STYLE = `
:root {
  --paper: #ffffff; --ink: #1b1f24; --soft: #59626d; --line: #b9c0c8; --faint: #e8ebee; --step: #5d6873;
  --blue: #1f5f9e; --on-blue: #ffffff; --green: #7cc49a; --on-green: #10301f; --other: #c9ccd1; --on-other: #1b1f24;
  --bad: #b3261e; --bad-area: #b3261e; --good: #1e6b3c; --unsure: #8a5a00;
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171a; --ink: #e6e9ec; --soft: #9aa4ae; --line: #4a535c; --faint: #262b31; --step: #8f9aa5;
  --blue: #2f74b8; --on-blue: #ffffff; --green: #8fd0aa; --on-green: #0d2a1a; --other: #5a626b; --on-other: #ffffff;
  --bad: #ff8a80; --bad-area: #d0342c; --good: #7fd3a0; --unsure: #e7b85b;
} }
@media print { :root {
  --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #999999; --faint: #dddddd; --step: #5d6873;
  --blue: #1f5f9e; --on-blue: #ffffff; --green: #7cc49a; --on-green: #10301f; --other: #c9ccd1; --on-other: #000000;
  --bad: #b3261e; --bad-area: #b3261e; --good: #1e6b3c; --unsure: #8a5a00;
} }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); print-color-adjust: exact;
  font: 15px/1.5 ${FONT}; }
main { max-width: 1000px; margin: 0 auto; padding: 32px 20px 48px; }
header p { margin: 2px 0; max-width: 75ch; overflow-wrap: anywhere; }
.kind { font-weight: 600; }
.outcome { margin-left: 6px; padding: 1px 8px; border: 1px solid var(--line); border-radius: 10px; font-size: 13px;
  font-weight: 400; color: var(--soft); }
h1 { margin: 6px 0 8px; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; }
h1.good .mark { color: var(--good); } h1.bad .mark { color: var(--bad); } h1.unknown .mark { color: var(--unsure); }
h2 { margin: 28px 0 6px; font-size: 15px; font-weight: 650; }
.soft, figcaption, dt { color: var(--soft); }
p.note { margin: 8px 0 0; font-size: 13px; color: var(--soft); }
header .soft { margin-top: 8px; font-size: 13px; }
figure { margin: 28px 0 0; }
.picture { overflow-x: auto; } .picture svg { display: block; width: 100%; min-width: 680px; height: auto; }
figcaption { margin-top: 4px; font-size: 13px; }
.cross, tr.bad th, tr.bad td { color: var(--bad); }
.columns { display: grid; grid-template-columns: minmax(0, 1.55fr) minmax(0, 1fr); column-gap: 48px; align-items: start; }
@media (max-width: 720px) { .columns { grid-template-columns: minmax(0, 1fr); } }
table { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 8px 4px 0; text-align: left; vertical-align: baseline; font-weight: 400; overflow-wrap: anywhere;
  border-bottom: 1px solid var(--faint); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: 13px; border-bottom-color: var(--line); }
.n { text-align: right; white-space: nowrap; padding-left: 12px; }
td.n.soft { padding-left: 0; width: 22px; }
tr.sum th, tr.sum td { font-weight: 650; border-top: 1px solid var(--line); }
tr.soft th, tr.soft td { color: var(--soft); }
code { font: 13px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
.sign { color: var(--soft); }
.samples .n, .samples th:first-child { width: 90px; padding: 4px 24px 4px 0; text-align: right; }
.config th { width: 34%; }
details { margin-top: 8px; } summary { color: var(--soft); font-size: 13px; cursor: pointer; }
footer { margin-top: 36px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 13px; }
dl { display: flex; flex-wrap: wrap; gap: 4px 32px; margin: 0; } dt, dd { display: inline; margin: 0; }
dt::after { content: " "; } dd { overflow-wrap: anywhere; }
@media print { main { max-width: none; padding: 0; } .picture svg { min-width: 0; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
`;
