import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { HitlessError } from "../../shared/errors";
import { amendReceipt, readReceipt, writeReceipt } from "./files";
import { receiptFixture } from "./fixture";

describe("receipt files", () => {
  let dir: string;
  beforeEach(() => void (dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-receipts-"))));
  afterEach(() => fs.rmSync(dir, { recursive: true }));
  const names = (): string[] => fs.readdirSync(dir).sort();

  it("writes data and page under one sortable name, and reads the same receipt back", () => {
    const { json, html, receipt } = writeReceipt(dir, receiptFixture());
    assert.deepEqual(names(), ["2026-11-21T04-13-09-400Z.html", "2026-11-21T04-13-09-400Z.json"]);
    assert.deepEqual(readReceipt(json), receipt);
    assert.match(fs.readFileSync(html, "utf8"), /<h1/);
  });

  it("keeps both of two receipts of the same moment, the later one sorted later", () => {
    const first = writeReceipt(dir, receiptFixture({ to: "green" }));
    const second = writeReceipt(dir, receiptFixture({ to: "blue" }));
    assert.equal(readReceipt(first.json).to, "green");
    assert.equal(readReceipt(second.json).to, "blue");
    assert.deepEqual([first.json, second.json], [first.json, second.json].sort());
  });

  it("makes latest.json only when asked, and leaves nothing half-written behind", () => {
    writeReceipt(dir, receiptFixture());
    assert.ok(!names().includes("latest.json"));
    const { json } = writeReceipt(dir, receiptFixture(), { latest: true });
    assert.equal(fs.readFileSync(path.join(dir, "latest.json"), "utf8"), fs.readFileSync(json, "utf8"));
    assert.deepEqual(
      names().filter((name) => name.startsWith(".")),
      [],
    );
  });

  it("replaces latest.json by a new file, so that a reader of the old one keeps reading the old one", () => {
    writeReceipt(dir, receiptFixture({ to: "green" }), { latest: true });
    const open = fs.openSync(path.join(dir, "latest.json"), "r");
    writeReceipt(dir, receiptFixture({ to: "blue" }), { latest: true });
    const old = JSON.parse(fs.readFileSync(open, "utf8")) as { to: string };
    fs.closeSync(open);
    assert.equal(old.to, "green");
    assert.equal(readReceipt(path.join(dir, "latest.json")).to, "blue");
  });

  it("completes a receipt in place", () => {
    const { json, html } = writeReceipt(dir, receiptFixture({ negativeControl: null }), { latest: true });
    amendReceipt(json, { negativeControl: { total: 8684, failed: 30 } }, { latest: true });
    for (const file of [json, path.join(dir, "latest.json")])
      assert.deepEqual(readReceipt(file).negativeControl, { total: 8684, failed: 30 });
    assert.match(fs.readFileSync(html, "utf8"), /in the negative control 30 of 8,684/);
    assert.equal(names().length, 3);
  });

  it("writes no secret into any file", () => {
    const token = { secure: "v1:AAABciphertext" };
    writeReceipt(
      dir,
      receiptFixture({ config: { before: { token }, after: { token, encryptionsalt: "v1:salt" } } }),
      {
        latest: true,
      },
    );
    for (const name of names()) {
      const text = fs.readFileSync(path.join(dir, name), "utf8");
      assert.ok(text.includes("[secret]"), name);
      assert.doesNotMatch(text, /AAABciphertext|v1:salt/, name);
    }
  });

  it("says everything that is wrong with a file that is no receipt", () => {
    const file = path.join(dir, "x.json");
    fs.writeFileSync(file, JSON.stringify({ ...receiptFixture(), outcome: "fine", cluster: 7 }));
    assert.throws(
      () => readReceipt(file),
      (error) => error instanceof HitlessError && error.code === 2 && error.problems.length === 2,
    );
    assert.throws(() => readReceipt(path.join(dir, "none.json")), HitlessError);
  });
});
