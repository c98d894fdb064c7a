import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { enter, labEnvironment, layout, status } from "../lab";
import { ensureEngine } from "../lab/toolbelt";
import type { Project } from "../release/project";
import { unusable } from "../shared/errors";
import { ROOT } from "../shared/paths";
import type { Progress } from "../shared/progress";

/** Options by which a command is pointed at another cluster than the lab. */
export interface TargetOptions {
  kubeconfig?: string;
  context?: string;
}

/** Set in the environment of a command that runs on the lab's network. */
const INSIDE = "HITLESS_IN_LAB";

/** Environment variables that point the engine, its provider and ourselves at the chosen cluster. */
export function clusterEnvironment(
  target: TargetOptions,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const own = { ...env };
  if (target.kubeconfig) own["KUBECONFIG"] = path.resolve(target.kubeconfig);
  if (target.context) {
    own["HITLESS_CONTEXT"] = target.context;
    // In a merged kubeconfig the first file that names a context wins: no credential is copied for it.
    const file = path.join(os.tmpdir(), `hitless-context-${process.pid}.json`);
    fs.writeFileSync(
      file,
      JSON.stringify({ apiVersion: "v1", kind: "Config", "current-context": target.context }),
      { mode: 0o600 },
    );
    process.once("exit", () => fs.rmSync(file, { force: true }));
    own["KUBECONFIG"] = [file, own["KUBECONFIG"] ?? path.join(os.homedir(), ".kube", "config")].join(
      path.delimiter,
    );
  }
  return own;
}

export const usesLab = (target: TargetOptions): boolean => !target.kubeconfig && !target.context;

/**
 * Makes sure that the command runs where it can reach its cluster. For the lab that is the lab's own network: the
 * command is started again in there, and this process passes on its output, signals and exit code.
 * @returns false when the command has already run in there
 */
export async function reachCluster(target: TargetOptions): Promise<boolean> {
  if (!usesLab(target) || insideLab()) return true;
  const lab = await status();
  if (lab.state !== "up") {
    throw unusable(`no cluster: the lab is ${lab.state === "down" ? "not up" : "not whole"}`, [
      {
        what: "a cluster is needed",
        allowed: "the lab, or any cluster by --kubeconfig or --context",
        fix: "hitless lab up",
      },
    ]);
  }
  const argv = enter([process.execPath, path.join(ROOT, "bin", "hitless"), ...process.argv.slice(2)]);
  const child = spawn(argv[0] as string, argv.slice(1), {
    // The channel is how the inner process learns that this one was killed.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...labEnvironment(), [INSIDE]: "1" },
  });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  // At a terminal the inner process gets the interrupt itself, being in the same group.
  process.on("SIGTERM", pass).on("SIGINT", process.stdin.isTTY ? () => undefined : pass);
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)));
  });
  child.channel?.unref();
  return false;
}

/** True on the lab's network, whichever way this process got there. */
export function insideLab(): boolean {
  try {
    if (fs.statSync("/proc/self/ns/net").ino !== fs.statSync(layout().netns).ino) return false;
  } catch {
    return false;
  }
  if (process.env[INSIDE] && process.channel) {
    // Killed means stopped, for both halves: a release must not go on behind the back of whoever killed it.
    process.once("disconnect", () => process.exit(137));
    process.channel.unref();
  }
  process.env[INSIDE] = "1";
  process.env["KUBECONFIG"] = layout().kubeconfig;
  return true;
}

/** The engine's environment for one project and cluster. */
export async function engineEnvironment(
  project: Project | undefined,
  target: TargetOptions,
  progress: Progress,
): Promise<NodeJS.ProcessEnv> {
  const tools = await ensureEngine(progress);
  const cluster = clusterEnvironment(target);
  const state = usesLab(target)
    ? layout().backend
    : path.join(project?.dir ?? process.cwd(), ".hitless", "state");
  fs.mkdirSync(state, { recursive: true });
  const backend = process.env["HITLESS_BACKEND"] ?? `file://${state}`;
  const pick = ["KUBECONFIG", "HITLESS_CONTEXT", INSIDE].flatMap((key) =>
    cluster[key] ? [[key, cluster[key]]] : [],
  );
  return { ...tools.env(), PULUMI_BACKEND_URL: backend, ...(Object.fromEntries(pick) as NodeJS.ProcessEnv) };
}
