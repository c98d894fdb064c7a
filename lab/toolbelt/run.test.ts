import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, lives } from "./identity";
import { leash, onPath, run } from "./run";
import { descendants } from "./testing/project";

describe("running a command", () => {
  it("gives its exit code, what it printed, and each line of its stderr as it comes", async () => {
    const lines: string[] = [];
    const ran = await run("sh", ["-c", "echo out; echo one >&2; echo two >&2; exit 3"], {
      onLine: (line) => void lines.push(line),
    });
    assert.deepEqual(ran, { code: 3, stdout: "out\n", stderr: "one\ntwo" });
    assert.deepEqual(lines, ["one", "two"]);
  });

  it("fails for a command that is not there", async () => {
    const ran = await run("/no/such/command", []).catch(() => ({ code: -1 }));
    assert.notEqual(ran.code, 0);
  });

  it("ends one that takes too long", async () => {
    assert.notEqual((await run("sleep", ["60"], { timeout: 50 })).code, 0);
  });

  it("does not outlive the process that runs it, even when that is killed", async function () {
    if (leash().length === 0) return this.skip();
    const script = `void require(${JSON.stringify(path.join(__dirname, "run"))}).run("sleep", ["60"])`;
    const child = spawn(process.execPath, ["-r", "ts-node/register", "-e", script], { stdio: "inherit" });
    const sleeper = () => descendants(child.pid as number).find((it) => /^sleep 60/.test(it.command));
    while (!sleeper()) await sleep(20);
    const who = identify(sleeper()?.pid);
    assert.equal(lives(who), true);
    child.kill("SIGKILL");
    await once(child, "exit");
    while (lives(who)) await sleep(10);
  });

  it("looks in absolute folders of the PATH only, best first, each once", () => {
    const found = onPath("sh", ".:/nowhere:/bin:/bin:relative", ["/bin"]);
    assert.deepEqual(found, ["/bin/sh"]);
  });
});
