import * as path from "node:path";
import type { Problem } from "../../shared/errors";
import type { Progress } from "../../shared/progress";
import { cacheRoot } from "./cache";
import { hasDebian, unpack, unpacked, type Unpacked } from "./debian";
import { quoted, script } from "./files";
import { onPath, run } from "./run";
import type { Tool } from "./types";

/**
 * The host's runc, if it will do. None is built here: the seccomp filter that every pod sandbox asks for needs a C
 * library which is no Go module.
 */
export async function hostRunc(): Promise<Tool | undefined> {
  for (const at of onPath("runc", process.env.PATH, ["/usr/sbin", "/usr/local/sbin"])) {
    const version = await versionOf(at);
    if (version) return { name: "runc", path: at, version, source: "PATH" };
  }
  return undefined;
}

/** The host's runc, else Debian's unpacked into the cache; or says what to get. */
export async function findRunc(progress: Progress): Promise<Tool | Problem> {
  const found = await hostRunc();
  if (found) return found;
  const copy = unpacked("runc") ?? (hasDebian() ? await unpack("runc", progress) : undefined);
  if (copy && "what" in copy) return copy;
  const at = copy && runnable(copy);
  const version = at && (await versionOf(at));
  if (at && version) return { name: "runc", path: at, version, source: "package" };
  return {
    where: "runc",
    what: "not there, or built without seccomp",
    allowed: "runc 1.1 or newer",
    fix: "install the package `runc`",
  };
}

/** Undefined: it does not run, or knows no seccomp. */
async function versionOf(at: string): Promise<string | undefined> {
  const ran = await run(at, ["--version"]).catch(() => undefined);
  if (ran?.code !== 0 || !ran.stdout.includes("libseccomp")) return undefined;
  return /version (\S+)/.exec(ran.stdout)?.[1] ?? "unknown";
}

/** A script that starts the unpacked runc with the libraries that came with it. */
function runnable(copy: Unpacked): string {
  const at = path.join(cacheRoot(), "debian-runc", "bin", "runc");
  const settings = `LD_LIBRARY_PATH=${quoted(copy.libraries.join(":"))}`;
  script(at, `${settings} exec ${quoted(path.join(copy.root, "usr", "sbin", "runc"))} "$@"`);
  return at;
}
