import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as readline from "node:readline";
import { shopFile } from "../bundle";

/** A shop that runs in a process of its own on a loopback port, as it does in a pod. */
export class Shop {
  readonly log: { event: string; [more: string]: unknown }[] = [];
  private readonly exited: Promise<number | NodeJS.Signals>;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    this.exited = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts one and waits until it listens. */
  static async start(env: Record<string, string> = {}): Promise<Shop> {
    const child = spawnShop(env);
    const log: Shop["log"] = [];
    const lines = readline.createInterface({ input: child.stdout ?? process.stdin });
    const port = await new Promise<number>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the shop ended with ${code} before it listened`)));
      lines.on("line", (line) => {
        const entry = JSON.parse(line) as Shop["log"][number];
        log.push(entry);
        if (entry.event === "listening") resolve(entry.port as number);
      });
    });
    const shop = new Shop(child, port);
    Object.assign(shop, { log });
    return shop;
  }

  terminate(): void {
    this.child.kill("SIGTERM");
  }

  /** Its exit code, once it ended. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.exited;
  }

  /** Ends it whatever it does. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

export function spawnShop(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [shopFile()], {
    env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
