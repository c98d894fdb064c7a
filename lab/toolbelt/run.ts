import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";

export interface Ran {
  code: number;
  stdout: string;
  /** The last lines only, 200 at most. */
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Called with each line of stderr. */
  onLine?: (line: string) => void;
  /** Ends the command after this long, in ms. */
  timeout?: number;
}

/** The executable files called `name` on `searchPath`, best first. */
export function onPath(name: string, searchPath = process.env.PATH ?? "", extra: string[] = []): string[] {
  const found = [...searchPath.split(path.delimiter), ...extra]
    .filter((dir) => path.isAbsolute(dir))
    .map((dir) => path.join(dir, name))
    .filter(isExecutable);
  return [...new Set(found)];
}

export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

let found: string[] | undefined;

/**
 * Put before a command, makes the kernel end it when we end, even when we are killed: no build goes on unwatched, no
 * provider outlives its engine. Empty where util-linux's `setpriv` is not there.
 */
export function leash(): string[] {
  found ??= process.platform === "linux" ? onPath("setpriv").filter(canLeash).slice(0, 1) : [];
  return found.flatMap((setpriv) => [setpriv, "--pdeathsig", "KILL"]);
}

/** Busybox has a `setpriv` without it. */
function canLeash(setpriv: string): boolean {
  return spawnSync(setpriv, ["--pdeathsig", "KILL", "true"], { stdio: "ignore" }).status === 0;
}

/** Runs a command to its end. Never throws for an exit code; throws if the command cannot be started. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  const [program, ...rest] = [...leash(), command, ...args];
  const child = spawn(program as string, rest, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.timeout ? { timeout: options.timeout, killSignal: "SIGKILL" as const } : {}),
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  const tail: string[] = [];
  readline.createInterface({ input: child.stderr }).on("line", (line) => {
    tail.push(line);
    if (tail.length > 200) tail.shift();
    options.onLine?.(line);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 128));
  });
  return { code, stdout, stderr: tail.join("\n") };
}
