import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { leash } from "../run";

/** The processes this host started: none of them outlives the host, and the host does not outlive the engine. */
export interface Children {
  start(command: string, args: string[], options: SpawnOptions): ChildProcess;
  stop(): void;
}

/** How often the engine is looked for where the kernel does not end us with it. */
const PARENT_CHECK_MS = 250;

export function children(): Children {
  const running = new Set<ChildProcess>();
  const stop = () => running.forEach((child) => child.kill("SIGKILL"));
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, PARENT_CHECK_MS);
  watch.unref();
  process.on("exit", stop);
  // The engine runs its plugins in a process group of their own and ends them with SIGINT.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(0));
  return {
    stop,
    start(command, args, options) {
      // `exit` handlers do not run when this host is killed: the leash then ends the child.
      const [program, ...rest] = [...leash(), command, ...args];
      const child = spawn(program as string, rest, options);
      running.add(child);
      child.once("close", () => running.delete(child));
      return child;
    },
  };
}
