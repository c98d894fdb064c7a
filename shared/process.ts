import * as fs from "node:fs";

/** A process named so that a reused pid is not mistaken for it. */
export interface ProcessId {
  pid: number;
  /** Clock ticks since boot at which it started (field 22 of /proc/PID/stat); empty where there is no /proc. */
  started: string;
}

/** When a process started, or undefined if there is none with that pid (a zombie counts as none). */
export function startTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return fs.existsSync("/proc/self") ? undefined : signalled(pid) ? "" : undefined;
  }
  // The command's name stands in brackets and may hold spaces: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

const signalled = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export const self = (): ProcessId => ({ pid: process.pid, started: startTime(process.pid) ?? "" });

export const alive = ({ pid, started }: ProcessId): boolean => startTime(pid) === started;
