import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import { HitlessError, type Problem } from "../shared/errors";
import { ROOT } from "../shared/paths";
import type { FailureSample, ProbeOptions, ProbeResult, RunningProbe } from "./types";

/** What the parent asks of the probe's process. */
export type Ask =
  | { start: ProbeOptions }
  | { watch: true }
  | { id: number; ask: "snapshot" | "stop" | "ended" }
  | { id: number; ask: "untilFailures"; count: number };

/** What comes back. */
export type Reply =
  | { started: true }
  | { refused: { code: 1 | 2; title: string; problems: Problem[] } }
  | { failure: FailureSample }
  | { id: number; result?: ProbeResult };

/**
 * Starts the load in a process of its own, so that a busy release does not slow it down and it does not slow the
 * release down. That process ends when this one does, however it does.
 * @throws HitlessError naming every option that cannot be used
 */
export async function forkProbe(options: ProbeOptions): Promise<RunningProbe> {
  const { bundle } = createRequire(path.join(ROOT, "package.json"))("./tools/bundle.js") as {
    bundle: (entry: string) => string;
  };
  // Nothing of it belongs on stdout, which may be a document.
  const child = fork(bundle("probe/worker.ts"), {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await start(child, options);
  return new ForkedProbe(child);
}

function start(child: ChildProcess, options: ProbeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: string | null): void =>
      reject(new Error(`the probe's process ended with ${code ?? signal} before it began`));
    child.once("error", reject);
    child.once("exit", died);
    child.once("message", (reply: Reply) => {
      child.off("error", reject).off("exit", died);
      if (!("refused" in reply)) return resolve();
      const { code, title, problems } = reply.refused;
      reject(new HitlessError(code, title, problems));
    });
    child.send({ start: options } satisfies Ask);
  });
}

type Waiter = { resolve: (result: ProbeResult | undefined) => void; reject: (error: Error) => void };

class ForkedProbe implements RunningProbe {
  readonly ended: Promise<void>;
  private readonly waiting = new Map<number, Waiter>();
  private readonly listeners = new Set<(failure: FailureSample) => void>();
  private next = 0;
  private death: Error | undefined;
  private stopped: Promise<ProbeResult> | undefined;

  constructor(private readonly child: ChildProcess) {
    child.on("message", (reply: Reply) => {
      if ("failure" in reply) for (const listener of this.listeners) listener(reply.failure);
      if (!("id" in reply)) return;
      this.waiting.get(reply.id)?.resolve(reply.result);
      this.waiting.delete(reply.id);
    });
    child.once("exit", (code, signal) =>
      this.die(new Error(`the probe's process ended with ${code ?? signal}`)),
    );
    child.once("error", (error) => this.die(error));
    this.ended = this.ask({ ask: "ended" }).then(
      () => undefined,
      () => undefined,
    );
  }

  async snapshot(): Promise<ProbeResult> {
    return this.stopped ?? required(await this.ask({ ask: "snapshot" }));
  }

  stop(): Promise<ProbeResult> {
    this.stopped ??= this.ask({ ask: "stop" }).then((result) => {
      // Its end: without its parent's channel it has nothing left to do.
      this.child.disconnect();
      return required(result);
    });
    return this.stopped;
  }

  async untilFailures(count: number): Promise<void> {
    await Promise.race([this.ended, this.ask({ ask: "untilFailures", count }).catch(() => undefined)]);
  }

  onFailure(listener: (failure: FailureSample) => void): () => void {
    if (this.listeners.size === 0 && this.child.connected) this.child.send({ watch: true } satisfies Ask);
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private ask(
    what: { ask: "snapshot" | "stop" | "ended" } | { ask: "untilFailures"; count: number },
  ): Promise<ProbeResult | undefined> {
    if (this.death) return Promise.reject(this.death);
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, ...what } satisfies Ask, (error) => error && this.die(error));
    });
  }

  private die(error: Error): void {
    this.death ??= error;
    for (const { reject } of this.waiting.values()) reject(this.death);
    this.waiting.clear();
  }
}

function required(result: ProbeResult | undefined): ProbeResult {
  if (!result) throw new Error("the probe's process gave no result");
  return result;
}
