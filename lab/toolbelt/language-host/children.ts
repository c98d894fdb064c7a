import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";

/** The processes this host started: none of them outlives the host, and the host does not outlive the engine. */
export interface Children {
  start(command: string, args: string[], options: SpawnOptions): ChildProcess;
  stop(): void;
}

/** How often the engine is looked for. A killed engine closes no pipe that a host could wait on. */
const PARENT_CHECK_MS = 250;

export function children(): Children {
  const running = new Set<ChildProcess>();
  const stop = () => running.forEach((child) => child.kill("SIGKILL"));
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) {
      stop();
      process.exit(1);
    }
  }, PARENT_CHECK_MS);
  watch.unref();
  process.on("exit", stop);
  // The engine runs its plugins in a process group of their own and ends them with SIGINT.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(0));
  return {
    stop,
    start(command, args, options) {
      const child = spawn(command, args, options);
      running.add(child);
      child.once("close", () => running.delete(child));
      return child;
    },
  };
}
