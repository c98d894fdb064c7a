import { spawn } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import { unusable } from "../shared/errors";
import { layout } from "./layout";
import { enterNetwork } from "./namespaces";
import { requireRoot } from "./requirements";
import { readStatus } from "./status";

/** What a command needs to work on the lab: its kubeconfig, kubectl on PATH, and a place for what kubectl keeps. */
export function labEnvironment(name?: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const at = layout(name);
  return {
    ...env,
    KUBECONFIG: at.kubeconfig,
    KUBECACHEDIR: path.join(at.state, "kubectl"),
    PATH: `${path.join(at.state, "bin")}:${env["PATH"] ?? ""}`,
  };
}

/** The command line that runs `argv` on the lab's network. */
export const enter = (argv: string[], name?: string): string[] => enterNetwork(layout(name), argv);

/** @throws HitlessError unless the lab is up */
export async function requireUp(name?: string): Promise<void> {
  requireRoot();
  const { state, missing } = await readStatus(layout(name));
  if (state === "up") return;
  throw unusable(`the lab is ${state === "down" ? "not up" : "not whole"}`, [
    {
      what: missing.length > 0 ? `not running: ${missing.join(", ")}` : `it is ${state}`,
      fix: "hitless lab up, or pass --kubeconfig/--context of another cluster",
    },
  ]);
}

const PASSED_ON = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Runs a command on the lab's network with this process's input and output. @returns its exit code */
export async function execInLab(
  argv: string[],
  options: { env?: NodeJS.ProcessEnv; name?: string } = {},
): Promise<number> {
  await requireUp(options.name);
  const [command, ...args] = enter(argv, options.name) as [string, ...string[]];
  const child = spawn(command, args, { stdio: "inherit", env: labEnvironment(options.name, options.env) });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of PASSED_ON) process.on(signal, pass);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    // As a shell says it: 128 and the signal's number.
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)));
  }).finally(() => PASSED_ON.forEach((signal) => process.off(signal, pass)));
}
