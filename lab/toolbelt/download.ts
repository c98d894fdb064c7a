import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { elapsed, type Progress, type Step } from "../../shared/progress";
import { exclusively } from "./built";
import { cacheRoot, GOARCH, publish, staging } from "./cache";
import { run } from "./run";

/** One archive of the vendor's. */
export interface Archive {
  /** What it holds, as shown to people, with its version. */
  title: string;
  /** Folder in the cache. */
  name: string;
  url: string;
  /** Files that list SHA-256 sums, in the usual `sum  file` form. */
  sums: string[];
  /** An executable that must be in it, relative to it. */
  holds: string;
}

/** How long a vendor may take to answer at all: most machines that cannot reach it never hear back. */
const REACH_MS = 5_000;
/** How long a download may stand still. */
const STILL_MS = 30_000;
const TRIES = 3;

/** The platform as Pulumi's own archives name it. */
export const VENDOR_ARCH = GOARCH === "amd64" ? "x64" : GOARCH;

/** An earlier download of the archive, if there is one. */
export function downloaded(archive: Archive, root = cacheRoot()): string | undefined {
  const place = path.join(root, archive.name);
  return fs.existsSync(path.join(place, archive.holds)) ? place : undefined;
}

/**
 * Fetches and unpacks the archive into the cache. Undefined if the vendor cannot be reached, does not have it, or sends
 * something whose sum differs: the caller has another way.
 */
export async function download(
  archive: Archive,
  progress: Progress,
  root = cacheRoot(),
): Promise<string | undefined> {
  if (!(await reachable(archive.url))) return undefined;
  return exclusively(`downloading ${archive.title}`, progress, root, async () => {
    const meanwhile = downloaded(archive, root);
    if (meanwhile) return meanwhile;
    const step = progress.start(`Download ${archive.title}`);
    const work = staging(archive.name, root);
    try {
      const file = path.join(work, path.basename(new URL(archive.url).pathname));
      const sum = await retried(step, () => fetchFile(archive.url, file, step));
      const listed = await listedSum(archive);
      if (listed && listed !== sum) throw new Error(`its SHA-256 is ${sum}, but the vendor lists ${listed}`);
      const content = path.join(work, "content");
      fs.mkdirSync(content);
      const ran = await run("tar", ["-xzf", file, "-C", content]);
      if (ran.code !== 0) throw new Error(ran.stderr);
      if (!fs.existsSync(path.join(content, archive.holds))) throw new Error(`${archive.holds} is not in it`);
      const place = publish(content, archive.name, root);
      step.done(listed ? "sum verified" : "the vendor lists no sum; TLS only");
      return place;
    } catch (error) {
      step.fail(`${error instanceof Error ? error.message : String(error)}; it will be built instead`);
      return undefined;
    } finally {
      fs.rmSync(work, { recursive: true, force: true });
    }
  });
}

async function reachable(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(REACH_MS) })).ok;
  } catch {
    return false;
  }
}

/** Writes the file at `url` to `file`; resolves to its SHA-256. */
async function fetchFile(url: string, file: string, step: Step): Promise<string> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(new Error("the download stood still")), STILL_MS);
  try {
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok || !response.body) throw new Error(`the vendor answered ${response.status}`);
    const hash = createHash("sha256");
    let bytes = 0;
    const body = Readable.fromWeb(response.body);
    body.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
      step.update(`${Math.round(bytes / 1e6)} MB`);
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(new Error("the download stood still")), STILL_MS);
    });
    await pipeline(body, fs.createWriteStream(file));
    return hash.digest("hex");
  } finally {
    clearTimeout(timer);
  }
}

async function listedSum({ url, sums }: Archive): Promise<string | undefined> {
  const name = path.basename(new URL(url).pathname);
  for (const list of sums) {
    try {
      const response = await fetch(list, { signal: AbortSignal.timeout(REACH_MS) });
      const sum = response.ok ? sumOf(await response.text(), name) : undefined;
      if (sum) return sum;
    } catch {
      // The next list, then.
    }
  }
  return undefined;
}

/** The SHA-256 of file `name` in a list of sums. */
export function sumOf(list: string, name: string): string | undefined {
  const line = list.split("\n").map((it) => /^([0-9a-f]{64})\s+\*?(?:\.\/)?(\S+)$/i.exec(it.trim()));
  return line.find((it) => it?.[2] === name)?.[1]?.toLowerCase();
}

async function retried<T>(step: Step, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES) throw error;
      const wait = 2_000 * tries;
      step.update(`${error instanceof Error ? error.message : String(error)}; again in ${elapsed(wait)}`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
