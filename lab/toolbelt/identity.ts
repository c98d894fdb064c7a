import { execFileSync } from "node:child_process";
import * as fs from "node:fs";

/** A process, told apart from a later one with the same number. */
export interface Identity {
  pid: number;
  /** When it started: clock ticks since boot on Linux, else what `ps` says. */
  start: string;
  /** The boot and the pid namespace in which the number means something. Empty where there is no /proc. */
  world: string;
}

/** Start of a live process, or undefined if there is none with that number (a zombie counts as none). */
export function startOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      // The command's name may hold spaces and brackets: the fields start after the last ")".
      const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

let world: string | undefined;

function thisWorld(): string {
  if (world === undefined) {
    try {
      world = `${fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fs.readlinkSync("/proc/self/ns/pid")}`;
    } catch {
      world = "";
    }
  }
  return world;
}

/** Who a process is; by default, this one. */
export function identify(pid = process.pid): Identity {
  return { pid, start: startOf(pid) ?? "", world: thisWorld() };
}

/** Whether that very process still lives. `unknown`: it belongs to another boot or container. */
export function lives(who: Identity): boolean | "unknown" {
  if (who.world !== thisWorld()) return "unknown";
  return who.start !== "" && startOf(who.pid) === who.start;
}
