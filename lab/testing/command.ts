import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT } from "../../shared/paths";

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Result>;
  /** Standard output so far. */
  said(): string;
}

/** Starts a program and keeps what it says. */
export function start(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (err += text.toString()));
  const ended = new Promise<Result>((resolve, reject) => {
    child.once("error", reject);
    // Not `close`: a killed command's children may hold its output open.
    child.once("exit", (code, signal) => setImmediate(() => resolve({ code, signal, out, err })));
  });
  return { child, ended, said: () => out };
}

/** The command `hitless`, as a command line. */
export const PROGRAM: [string, string] = [process.execPath, path.join(ROOT, "bin", "hitless")];

/** Starts the command `hitless` on the lab of that name. */
export const hitless = (lab: string, ...args: string[]): Started =>
  start(PROGRAM[0], [PROGRAM[1], ...args], { HITLESS_LAB_NAME: lab });

const POLL_MS = 10;

/** Waits for something to become true. @throws when it has not within `seconds` */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  seconds = 60,
): Promise<NonNullable<T>> {
  for (const until = Date.now() + seconds * 1000; ;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > until) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export const readIfThere = (file: string): string => {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
};
