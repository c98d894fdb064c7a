import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tool } from "./types";

const SCRIPT = path.join(__dirname, "testing", "build-once.ts");

describe("a build into the cache", function () {
  this.timeout(30_000);
  let dir: string;
  let log: string;
  const running: ChildProcess[] = [];

  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"));
    log = path.join(dir, "log");
    fs.mkdirSync(path.join(dir, "src"));
    fs.writeFileSync(path.join(dir, "src", "go.mod"), "module fake\n");
    fs.writeFileSync(log, "");
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill("SIGKILL");
    fs.rmSync(dir, { recursive: true });
  });

  function start(ms: number): ChildProcess {
    const args = [
      "-r",
      "ts-node/register",
      SCRIPT,
      path.join(dir, "cache"),
      path.join(dir, "src"),
      log,
      String(ms),
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    running.push(child);
    return child;
  }

  async function result(child: ChildProcess): Promise<Tool> {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(child, "close");
    return JSON.parse(text) as Tool;
  }

  const builds = () => fs.readFileSync(log, "utf8").split("\n").filter(Boolean);

  async function buildStarted(): Promise<void> {
    while (builds().length === 0) await sleep(20);
  }

  it("two processes that need it at once build it once, and both get it", async () => {
    const tools = await Promise.all([result(start(300)), result(start(300))]);
    assert.equal(builds().length, 1);
    assert.deepEqual(tools.map((tool) => tool.source).sort(), ["built", "cache"]);
    assert.equal(tools[0]?.path, tools[1]?.path);
    assert.ok(fs.statSync(tools[0]?.path ?? "").isFile());
  });

  it("a process that is killed while it builds holds up nobody, and leaves nothing half-built", async () => {
    const first = start(60_000);
    await buildStarted();
    const second = start(0);
    first.kill("SIGKILL");
    const tool = await result(second);
    assert.equal(tool.source, "built");
    assert.equal(builds().length, 2);
    assert.deepEqual(fs.readdirSync(path.join(dir, "cache", "unfinished")), []);
  });
});
