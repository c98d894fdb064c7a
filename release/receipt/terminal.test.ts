import assert from "node:assert/strict";
import { receiptFixture } from "./fixture";
import { type ReceiptInput, receiptSchema } from "./receipt";
import { COLUMNS, renderReceipt } from "./terminal";

const lines = (changes: Partial<ReceiptInput> = {}): string[] =>
  renderReceipt(receiptSchema.parse(receiptFixture(changes)));

describe("receipt in the terminal", () => {
  it("says first what was released and how it went", () => {
    const [title, , verdict] = lines();
    assert.equal(title, "dev: blue -> green, done after 62.4 s, 2026-11-21 04:12:07 UTC");
    assert.equal(verdict, "0 of 7,070 requests failed.");
  });

  it("aligns its numbers", () => {
    const all = lines();
    const clients = all.slice(all.findIndex((line) => line.startsWith("Requests by client")));
    const table = clients.slice(0, clients.indexOf(""));
    assert.deepEqual(new Set(table.map((line) => line.length)).size, 1);
    assert.ok(table.some((line) => /^Negative control +8,684 +30$/.test(line)));
  });

  it("is at most 100 columns wide and has no control characters, whatever the titles are", () => {
    const title = `\u001b[31m${"long ".repeat(60)}\r\u0007`;
    const steps = [{ title, startedAt: "2026-11-21T04:12:09.000Z", durationMs: 900, ok: false }];
    const all = lines({ steps, outcome: "failed", reason: "x".repeat(250), environment: title });
    for (const line of all) {
      assert.ok(line.length <= COLUMNS, `${line.length}: ${line}`);
      assert.doesNotMatch(line, /\p{Cc}/u);
    }
    assert.ok(all.some((line) => line.endsWith("FAILED")));
  });

  it("names the files in full", () => {
    const files = { json: `/${"a".repeat(120)}.json`, html: "/b.html" };
    const all = renderReceipt(receiptSchema.parse(receiptFixture()), files);
    assert.deepEqual(all.slice(-2), [`Receipt  ${files.json}`, "Page     /b.html"]);
  });

  it("shows no table of requests when none were measured", () => {
    const all = lines({ requests: null, notMeasured: "no probe was asked for" });
    assert.ok(!all.some((line) => line.startsWith("Requests by client")));
    assert.ok(all.includes("Not measured: no probe was asked for."));
  });
});
