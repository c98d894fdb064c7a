import { spawn } from "node:child_process";
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

/** util-linux's `setpriv` ends a command when we end, even when we are killed: no build goes on unwatched. */
let leash: string[] | undefined;
function leashed(): string[] {
  leash ??=
    process.platform === "linux"
      ? onPath("setpriv")
          .slice(0, 1)
          .flatMap((it) => [it, "--pdeathsig", "KILL"])
      : [];
  return leash;
}

/** Runs a command to its end. Never throws for an exit code; throws if the command cannot be started. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  const [program, ...rest] = [...leashed(), command, ...args];
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
