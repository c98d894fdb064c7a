import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { identify, lives } from "./identity";
import { acquire, type Owner, ownerOf } from "./lock";

describe("the toolbelt's lock", () => {
  let dir: string;
  beforeEach(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"))));
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  const leftBy = (owner: Owner, generation = 1) =>
    fs.writeFileSync(path.join(dir, String(generation)), JSON.stringify(owner));

  it("says who holds it and for what, and nobody once released", async () => {
    const lock = await acquire(dir, "testing");
    assert.equal(ownerOf(dir)?.pid, process.pid);
    assert.equal(ownerOf(dir)?.doing, "testing");
    lock.release();
    assert.equal(ownerOf(dir), undefined);
  });

  it("a second taker waits for the first, and is told whom it waits for", async () => {
    const first = await acquire(dir, "first");
    const order: string[] = [];
    const waited: string[] = [];
    const second = acquire(dir, "second", (owner) => waited.push(owner.doing)).then((lock) => {
      order.push("second has it");
      lock.release();
    });
    order.push("first lets go");
    first.release();
    await second;
    assert.deepEqual(order, ["first lets go", "second has it"]);
    assert.ok(waited.every((doing) => doing === "first"));
  });

  it("a dead owner is succeeded at once", async () => {
    const child = spawn("true");
    await once(child, "exit");
    leftBy({ ...identify(), pid: child.pid ?? 0, start: "12345", doing: "dying" });
    assert.equal(ownerOf(dir), undefined);
    (await acquire(dir, "next")).release();
  });

  it("a process that has a dead owner's number is not taken for it", async () => {
    leftBy({ ...identify(), start: "1", doing: "dying" });
    assert.equal(lives({ ...identify(), start: "1" }), false);
    (await acquire(dir, "next")).release();
  });

  it("of many that find the owner dead at once, each gets it alone", async () => {
    leftBy({ ...identify(), start: "1", doing: "dying" });
    let inside = 0;
    let most = 0;
    const takers = Array.from({ length: 8 }, async () => {
      const lock = await acquire(dir, "taking");
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
      lock.release();
    });
    await Promise.all(takers);
    assert.equal(most, 1);
  });

  it("an owner of another container that still shows signs of life is waited for; a silent one is not", async () => {
    const elsewhere = { ...identify(), world: "another", doing: "building" };
    leftBy(elsewhere);
    assert.equal(ownerOf(dir)?.doing, "building");
    fs.utimesSync(path.join(dir, "1"), 0, 0);
    assert.equal(ownerOf(dir), undefined);
    (await acquire(dir, "next")).release();
  });

  it("a file that holds no owner holds nothing", async () => {
    fs.writeFileSync(path.join(dir, "1"), "");
    (await acquire(dir, "next")).release();
  });
});
