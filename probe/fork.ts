import { type ChildProcess, fork } from "node:child_process";
import * as path from "node:path";
import { HitlessError, type Problem } from "../shared/errors";
import { ROOT } from "../shared/paths";
import type { ProbeOptions, ProbeResult, RunningProbe } from "./types";

/** What the parent asks of the probe's process, and what comes back. */
export type Ask =
  { start: ProbeOptions } | { id: number; ask: "snapshot" | "stop" | "untilFailures"; count?: number };
export type Reply =
  | { started: true }
  | { failed: { title: string; problems: Problem[] } }
  | { id: number; result?: ProbeResult };

/**
 * Starts the load in a process of its own, so that a busy release does not slow it down and it does not slow the
 * release down. It ends with its parent, however that ends.
 */
export async function forkProbe(options: ProbeOptions): Promise<RunningProbe> {
  const child = fork(path.join(ROOT, "tools", "run.js"), ["probe/worker.ts"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, (result: ProbeResult | undefined) => void>();
  await started(child, options);
  let exited = false;
  child.on("message", (reply: Reply) => {
    if (!("id" in reply)) return;
    waiting.get(reply.id)?.(reply.result);
    waiting.delete(reply.id);
  });
  child.once("exit", () => {
    exited = true;
    waiting.forEach((resolve) => resolve(undefined));
    waiting.clear();
  });
  let next = 0;
  const ask = (
    what: "snapshot" | "stop" | "untilFailures",
    count?: number,
  ): Promise<ProbeResult | undefined> => {
    if (exited) return Promise.resolve(undefined);
    const id = next++;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ask: what, ...(count === undefined ? {} : { count }) } satisfies Ask);
    });
  };
  const required = async (what: "snapshot" | "stop"): Promise<ProbeResult> => {
    const result = await ask(what);
    if (!result) throw new Error("the probe's process ended before it gave its result");
    return result;
  };
  return {
    snapshot: () => required("snapshot"),
    async stop() {
      const result = await required("stop");
      child.disconnect();
      return result;
    },
    untilFailures: async (count) => void (await ask("untilFailures", count)),
  };
}

function started(child: ChildProcess, options: ProbeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the probe's process ended with ${code} before it began`)));
    child.once("message", (reply: Reply) => {
      if ("failed" in reply) reject(new HitlessError(2, reply.failed.title, reply.failed.problems));
      else resolve();
    });
    child.send({ start: options } satisfies Ask);
  });
}
