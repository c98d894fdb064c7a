import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ROOT } from "../../shared/paths";
import type { Build } from "./pins";

/** Our Go modules: one folder for each build. */
export const MODULES = path.join(ROOT, "lab", "toolbelt", "modules");

/** Where built and downloaded tools live: outside the checkout, so that a fresh clone finds them again. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const base =
    env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)
      ? env.XDG_CACHE_HOME
      : path.join(os.homedir(), ".cache");
  return path.join(base, "hitless", "toolbelt");
}

/** The platform as Go names it. */
export const GOOS = process.platform === "win32" ? "windows" : process.platform;
export const GOARCH = ({ x64: "amd64", ia32: "386" } as Record<string, string>)[process.arch] ?? process.arch;

/**
 * The key of a build but for Go's own version: everything that decides what comes out, so that an edit builds anew
 * and nothing else does.
 */
export function sourceKey(build: Build, dir = path.join(MODULES, build.module)): string {
  const hash = createHash("sha256");
  const decisive: Partial<Build> = { ...build };
  delete decisive.title;
  delete decisive.minutes;
  hash.update(JSON.stringify([decisive, GOOS, GOARCH]));
  for (const name of sourcesOf(dir)) {
    hash.update(`\0${name}\0`).update(fs.readFileSync(path.join(dir, name)));
  }
  return `${build.module}-${build.version}-${hash.digest("hex").slice(0, 16)}`;
}

/** The files of a module that a build takes. */
export function sourcesOf(dir: string): string[] {
  return fs
    .readdirSync(dir)
    .filter((name) => name === "go.mod" || name === "go.sum" || name.endsWith(".go"))
    .sort();
}

/** The folder with the programs of the finished build `key` made by Go `goVersion` (any, if not given). */
export function cached(key: string, goVersion?: string, root = cacheRoot()): string | undefined {
  const names = goVersion
    ? [`${key}-${goVersion}`]
    : list(root).filter((name) => name.startsWith(`${key}-go`));
  // Folders are moved into place whole: one that is there is complete.
  return names.map((name) => path.join(root, name)).find((dir) => fs.existsSync(dir));
}

/** A folder of its own for unfinished work; what earlier, interrupted work for the same `name` left is removed. Call it under the lock. */
export function staging(name: string, root = cacheRoot()): string {
  const parent = path.join(root, "unfinished");
  fs.mkdirSync(parent, { recursive: true });
  const dir = path.join(parent, name);
  remove(dir);
  fs.mkdirSync(dir);
  return dir;
}

/** Removes a folder, even while the last compiler of a killed build still writes into it. */
export function remove(dir: string): void {
  fs.rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Moves finished work into its place in one step. */
export function publish(work: string, name: string, root = cacheRoot()): string {
  const place = path.join(root, name);
  remove(place);
  fs.renameSync(work, place);
  return place;
}

export const lockDir = (root = cacheRoot()): string => path.join(root, "lock");

function list(dir: string): string[] {
  try {
    return fs.readdirSync(dir).sort().reverse();
  } catch {
    return [];
  }
}
