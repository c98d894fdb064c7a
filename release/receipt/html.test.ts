import assert from "node:assert/strict";
import { cutoverTimeline, receiptFixture } from "./fixture";
import { renderHtml } from "./html";
import { type ReceiptInput, receiptSchema } from "./receipt";

const page = (changes: Partial<ReceiptInput> = {}): string =>
  renderHtml(receiptSchema.parse(receiptFixture(changes)));
const picture = (html: string): string => /<svg[\s\S]*<\/svg>/.exec(html)?.[0] ?? "";
const occurrences = (text: string, part: string): number => text.split(part).length - 1;
const step = (title: string, ok = true) => ({
  title,
  startedAt: "2026-11-21T04:12:09.000Z",
  durationMs: 900,
  ok,
});

describe("receipt page", () => {
  it("loads nothing and runs nothing", () => {
    const html = page();
    assert.doesNotMatch(html, /https?:/);
    assert.doesNotMatch(html, /<script|<link|<img|<iframe|\bsrc=|@import|url\((?!#)|javascript:/i);
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
  });

  it("says the verdict in words and to those who cannot see the picture", () => {
    const html = page();
    assert.match(html, /<h1 class="good">.*0 of 7,070 requests failed<\/h1>/);
    assert.match(html, /role="img" aria-label="[^"]*0 of 7,070 requests failed/);
  });

  it("marks every step in the picture, numbered as in the table", () => {
    const { steps } = receiptFixture();
    const svg = picture(page());
    steps.forEach(({ title }, i) =>
      assert.equal(occurrences(svg, `>${i + 1}  ${title.replace("'", "&#39;")}</text>`), 1, title),
    );
  });

  it("marks failures by a cross and a number, not by colour alone, and says so when there are none", () => {
    const clean = picture(page());
    const failing = picture(page({ timeline: cutoverTimeline((second) => (second === 20 ? 3 : 0)) }));
    assert.ok(clean.includes(">none</text>"));
    assert.ok(!failing.includes(">none</text>"));
    assert.ok(failing.includes(">3</text>"));
    assert.equal(occurrences(failing, 'stroke="var(--bad)"') - occurrences(clean, 'stroke="var(--bad)"'), 2);
  });

  it("names the slots on their areas", () => {
    const svg = picture(page());
    for (const slot of ["blue", "green"]) assert.ok(svg.includes(`>${slot}</text>`), slot);
  });

  it("lets no title, name or value become markup, in the page or in the picture", () => {
    const hostile = `"><script>alert('x')</script><img src=x onerror=alert(1)>&`;
    const html = page({
      environment: hostile,
      from: hostile,
      to: hostile,
      reason: hostile,
      steps: [step(hostile), step(hostile, false)],
      config: { before: { [hostile]: "a" }, after: { [hostile]: hostile } },
      samples: [{ at: "2026-11-21T04:12:09.000Z", client: hostile, kind: hostile, detail: hostile }],
      policy: { pack: hostile, version: hostile, violations: 1 },
      versions: { pulumi: hostile, kubernetes: hostile },
      timeline: [{ second: 1795234327, slot: hostile, ok: 3, failed: 1 }],
      requests: {
        total: 4,
        failed: 1,
        byClient: { [hostile]: { total: 4, failed: 1 } },
        bySlot: { [hostile]: 3 },
        failures: { [hostile]: 1 },
        upperBound95: 0.8,
      },
    });
    assert.doesNotMatch(html, /<script|<img/i);
    assert.doesNotMatch(html, /[^;]onerror=alert\(1\)>/);
  });

  it("shows what changed in the config, and no secret", () => {
    const html = page();
    assert.match(html, /config\.phase<\/code><\/th><td>.*blue<\/code><\/td><td>.*green<\/code>/);
    assert.ok(html.includes("1 unchanged"));
  });

  it("shows steps without a chart of requests when nothing was measured", () => {
    const html = page({ requests: null, timeline: [], notMeasured: "no probe was asked for" });
    assert.ok(html.includes("Finished, but requests were not measured"));
    assert.ok(!picture(html).includes("req/s"));
    assert.ok(picture(html).includes("wait until green answers"));
  });

  it("needs neither steps nor requests", () => {
    const html = page({
      steps: [],
      requests: null,
      timeline: [],
      outcome: "refused",
      reason: "no such slot",
    });
    assert.equal(picture(html), "");
    assert.ok(html.includes("Why: no such slot."));
  });
});
