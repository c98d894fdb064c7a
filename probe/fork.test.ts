import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { HitlessError } from "../shared/errors";
import { ROOT } from "../shared/paths";
import { forkProbe } from "./fork";
import { deadPort, slotServer, type TestServer } from "./testing/server";

describe("the probe in a process of its own", () => {
  let blue: TestServer;
  beforeEach(async () => void (blue = await slotServer("blue")));
  afterEach(() => blue.close());

  it("measures as it does in this one", async () => {
    const probe = await forkProbe({ url: blue.url, rate: 500, maxRequests: 100 });
    await probe.ended;
    const result = await probe.stop();
    assert.deepEqual([result.total, result.failed, result.bySlot], [100, 0, { blue: 100 }]);
    assert.deepEqual(await probe.snapshot(), result);
    assert.equal(blue.requests, 100);
  });

  it("tells of failures when they happen", async () => {
    const probe = await forkProbe({ url: `http://127.0.0.1:${await deadPort()}`, rate: 500 });
    const failure = new Promise<string>((resolve) => probe.onFailure(({ kind }) => resolve(kind)));
    assert.equal(await failure, "refused");
    await probe.untilFailures(5);
    assert.ok((await probe.snapshot()).failed >= 5);
    assert.ok((await probe.stop()).failed >= 5);
    await probe.untilFailures(1_000_000);
  });

  it("refuses options that it cannot use as it does in this one", async () => {
    await assert.rejects(forkProbe({ url: "nowhere", rate: -1 }), (error) => {
      assert.ok(error instanceof HitlessError);
      assert.deepEqual(
        error.problems.map(({ where }) => where),
        ["url", "rate"],
      );
      return true;
    });
  });

  it("ends with its parent, however that ends", async () => {
    const parent = spawn(process.execPath, [
      path.join(ROOT, "tools", "run.js"),
      path.join(__dirname, "testing", "parent.ts"),
      blue.url,
    ]);
    while (blue.requests < 20) await once(blue.http, "request");
    assert.ok(blue.open.size > 0);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    // Its connections go with it: while it lives, the kept ones stay.
    while (blue.open.size > 0) await new Promise((resolve) => [...blue.open][0]?.once("close", resolve));
  });
});
