import * as fs from "node:fs";
import * as path from "node:path";
import { alive, type ProcessId, self } from "./process";

/** A lock that one process of this machine holds. A holder that died holds nothing. */
export interface Lock {
  release(): void;
}

interface Holder extends ProcessId {
  doing: string;
}

/**
 * Takes the lock at `file`, or says who has it.
 * The file comes into being whole (written aside, then linked), so that a reader never sees half of it.
 */
export function tryLock(file: string, doing: string): Lock | { holder: Holder } {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const mine: Holder = { ...self(), doing };
  const aside = `${file}.${process.pid}`;
  fs.writeFileSync(aside, JSON.stringify(mine));
  try {
    for (;;) {
      try {
        fs.linkSync(aside, file);
        return { release: () => fs.rmSync(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = read(file);
      if (holder && alive(holder)) return { holder };
      // The holder is dead. Renaming is atomic: of two processes that see this, one moves the old file away.
      const stale = `${file}.stale.${process.pid}`;
      try {
        fs.renameSync(file, stale);
        const moved = read(stale);
        // Somebody took it over between our look and our rename: give it back.
        if (moved && alive(moved)) fs.renameSync(stale, file);
        else fs.rmSync(stale, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

const RETRY_MS = 200;

/** Takes the lock at `file`, waiting while a living process has it. `onWait` is told once who that is. */
export async function lock(file: string, doing: string, onWait: (holder: Holder) => void): Promise<Lock> {
  for (let told = false; ; told = true) {
    const result = tryLock(file, doing);
    if ("release" in result) return result;
    if (!told) onWait(result.holder);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
