import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, lives, type Identity } from "./identity";

/** Who holds a lock, and for what. */
export interface Owner extends Identity {
  doing: string;
  released?: true;
}

export interface Lock {
  release(): void;
}

const POLL_MS = 100;
/** An owner in another container can't be looked up; it shows that it lives by touching its file. */
const TOUCH_MS = 10_000;
const SILENT_MS = 60_000;

/**
 * Takes the lock that lives in folder `dir`, waiting while a live process holds it (`onWait` is told who, at each look).
 *
 * The folder holds one numbered file a generation; the highest number is the lock. Taking it means linking the next
 * number into place, which only one process can do. A dead owner is thus succeeded, never deleted:
 * two processes that both find it dead cannot remove each other's lock.
 */
export async function acquire(
  dir: string,
  doing: string,
  onWait: (owner: Owner) => void = () => undefined,
): Promise<Lock> {
  fs.mkdirSync(dir, { recursive: true });
  for (;;) {
    const last = generations(dir).at(-1) ?? 0;
    const owner = last === 0 ? undefined : read(file(dir, last));
    if (owner === "gone") continue;
    if (owner && holds(owner, file(dir, last))) {
      onWait(owner);
      await sleep(POLL_MS);
      continue;
    }
    const mine = last + 1;
    const me: Owner = { ...identify(), doing };
    if (!link(dir, mine, me)) continue;
    if (generations(dir).at(-1) !== mine) {
      // We looked so long ago that others came and went since.
      fs.rmSync(file(dir, mine), { force: true });
      continue;
    }
    for (const old of generations(dir)) if (old < mine) fs.rmSync(file(dir, old), { force: true });
    return held(dir, mine, me);
  }
}

/** Who holds the lock in `dir` now, if anybody does. */
export function ownerOf(dir: string): Owner | undefined {
  const last = generations(dir).at(-1);
  const owner = last === undefined ? undefined : read(file(dir, last));
  return last !== undefined && owner && owner !== "gone" && holds(owner, file(dir, last)) ? owner : undefined;
}

function held(dir: string, generation: number, me: Owner): Lock {
  const touch = setInterval(() => {
    try {
      fs.utimesSync(file(dir, generation), new Date(), new Date());
    } catch {
      // Taken over: nothing to keep alive.
    }
  }, TOUCH_MS);
  touch.unref();
  return {
    release() {
      clearInterval(touch);
      const scratch = scratchFile(dir);
      fs.writeFileSync(scratch, JSON.stringify({ ...me, released: true } satisfies Owner));
      fs.renameSync(scratch, file(dir, generation));
    },
  };
}

function holds(owner: Owner, at: string): boolean {
  if (owner.released) return false;
  const alive = lives(owner);
  if (alive !== "unknown") return alive;
  try {
    return Date.now() - fs.statSync(at).mtimeMs < SILENT_MS;
  } catch {
    return false;
  }
}

function link(dir: string, generation: number, me: Owner): boolean {
  const scratch = scratchFile(dir);
  fs.writeFileSync(scratch, JSON.stringify(me));
  try {
    fs.linkSync(scratch, file(dir, generation));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(scratch, { force: true });
  }
}

const file = (dir: string, generation: number) => path.join(dir, String(generation));
const scratchFile = (dir: string) => path.join(dir, `.${process.pid}-${randomBytes(6).toString("hex")}`);

function generations(dir: string): number[] {
  try {
    return fs
      .readdirSync(dir)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** Undefined: a file that no owner of ours wrote, which holds nothing. */
function read(at: string): Owner | undefined | "gone" {
  try {
    return JSON.parse(fs.readFileSync(at, "utf8")) as Owner;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}
