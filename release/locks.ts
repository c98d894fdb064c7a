import * as fs from "node:fs";
import * as path from "node:path";
import { startTime } from "../shared/process";

/** The locks of the file backend say which process holds them; other backends keep their own order. */
export interface EngineLock {
  file: string;
  pid: number;
  alive: boolean;
}

export function engineLocks(backend: string, project: string, stack: string): EngineLock[] {
  if (!backend.startsWith("file://")) return [];
  const folder = path.join(
    backend.slice("file://".length),
    ".pulumi",
    "locks",
    "organization",
    project,
    stack,
  );
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    try {
      const { pid } = JSON.parse(fs.readFileSync(file, "utf8")) as { pid: number };
      return [{ file, pid, alive: isEngine(pid) }];
    } catch {
      return [];
    }
  });
}

/** A pid may have been given to another program since; only an engine counts as the lock's holder. */
function isEngine(pid: number): boolean {
  if (startTime(pid) === undefined) return false;
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("pulumi");
  } catch {
    return true;
  }
}
