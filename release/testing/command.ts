import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import { ROOT } from "../../shared/paths";

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Resolves when a line on stderr holds the text; rejects when the command ends without it. */
  said(text: string): Promise<void>;
  ended: Promise<Ran>;
}

/** Starts `hitless` as a user would. */
export function start(args: string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [path.join(ROOT, "bin", "hitless"), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let stdout = "";
  let stderr = "";
  let finished = false;
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((check) => check());
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    wake();
  });
  const ended = new Promise<Ran>((resolve) => {
    child.once("close", (code, signal) => {
      finished = true;
      wake();
      resolve({ code, signal, stdout, stderr });
    });
  });
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (stderr.includes(text)) resolve();
        else if (finished) reject(new Error(`ended without saying "${text}":\n${stderr}\n${stdout}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return { child, said, ended };
}

export const hitless = (args: string[], env?: NodeJS.ProcessEnv): Promise<Ran> => start(args, env).ended;

/** Runs it, and fails the test with all it said unless it ends well. @returns what it printed with --json */
export async function hitlessJson<T>(args: string[]): Promise<T> {
  const ran = await hitless([...args, "--json"]);
  if (ran.code !== 0)
    throw new Error(`hitless ${args.join(" ")} ended with ${ran.code}:\n${ran.stderr}\n${ran.stdout}`);
  return JSON.parse(ran.stdout) as T;
}

/** kubectl on the lab. */
export const kubectl = (...args: string[]): Promise<Ran> =>
  hitless(["lab", "exec", "--", "kubectl", ...args]);
