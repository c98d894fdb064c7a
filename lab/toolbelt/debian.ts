import * as fs from "node:fs";
import * as path from "node:path";
import type { Problem } from "../../shared/errors";
import type { Progress, Step } from "../../shared/progress";
import { exclusively } from "./built";
import { cacheRoot, GOARCH, publish, staging } from "./cache";
import { withoutHosts } from "./refusal";
import { onPath, run } from "./run";

/** A Debian package unpacked into the cache. The host's own packages are neither changed nor added to. */
export interface Unpacked {
  /** What would be `/` if it were installed. */
  root: string;
  version: string;
  /** For LD_LIBRARY_PATH: the folders of the libraries that came with it. */
  libraries: string[];
}

/** What every host of the same release has, and must not be loaded twice. */
const BASE = /^(libc6|libgcc-s1|libcrypt1|gcc-\d+-base|netbase|debconf|perl-base|dpkg|tar)_/;

/** Whether this host can fetch Debian packages (Debian, Ubuntu and their kin). */
export function hasDebian(): boolean {
  return onPath("apt-get").length > 0 && onPath("dpkg-deb").length > 0;
}

/** An earlier run's copy of `name`, if there is one. */
export function unpacked(name: string, root = cacheRoot()): Unpacked | undefined {
  const place = path.join(root, folder(name));
  try {
    const { version } = JSON.parse(fs.readFileSync(path.join(place, "package.json"), "utf8")) as {
      version: string;
    };
    const inner = path.join(place, "root");
    return { root: inner, version, libraries: librariesIn(inner) };
  } catch {
    return undefined;
  }
}

/**
 * Fetches package `name`, and what it needs, and unpacks them into the cache.
 * Where that fails, says how to go on: the caller may have more to say.
 */
export async function unpack(
  name: string,
  progress: Progress,
  root = cacheRoot(),
): Promise<Unpacked | Problem> {
  return exclusively(`fetching the Debian package ${name}`, progress, root, async () => {
    const meanwhile = unpacked(name, root);
    if (meanwhile) return meanwhile;
    const step = progress.start(`Fetch the Debian package ${name} (unpacked into the cache, not installed)`);
    const work = staging(folder(name), root);
    try {
      const version = await fill(work, name, step);
      const place = path.join(publish(work, folder(name), root), "root");
      step.done(`${name} ${version}`);
      return { root: place, version, libraries: librariesIn(place) };
    } catch (error) {
      step.fail();
      fs.rmSync(work, { recursive: true, force: true });
      const what = error instanceof Error ? error.message : String(error);
      return {
        where: name,
        what: `its Debian package could not be fetched: ${what}`,
        fix: `apt-get install ${name}`,
      };
    }
  });
}

/** Leaves in `work` the unpacked files and their description; resolves to the package's version. */
async function fill(work: string, name: string, step: Step): Promise<string> {
  const apt = privateApt(work);
  const say = (line: string) => step.update(withoutHosts(line));
  await must("apt-get", ["update", "-q"], apt, say);
  const how = ["-q", "-y", "--download-only", "--no-install-recommends"];
  await must("apt-get", ["install", ...how, name], apt, say);
  const inner = path.join(work, "root");
  fs.mkdirSync(inner);
  const archives = path.join(work, "cache", "archives");
  const packages = fs.readdirSync(archives).filter((file) => file.endsWith(".deb") && !BASE.test(file));
  for (const file of packages) await must("dpkg-deb", ["-x", path.join(archives, file), inner], process.env);
  const own = packages.find((file) => file.startsWith(`${name}_`));
  const version = decodeURIComponent(own?.split("_")[1] ?? "unknown");
  fs.writeFileSync(path.join(work, "package.json"), JSON.stringify({ name, version }));
  for (const rest of ["state", "cache", "apt.conf", "status", "lock", "lock-frontend"]) {
    fs.rmSync(path.join(work, rest), { recursive: true, force: true });
  }
  return version;
}

/** apt with every folder it writes to inside `work`, and none of the host's hooks. */
function privateApt(work: string): NodeJS.ProcessEnv {
  for (const dir of ["state/lists/partial", "cache/archives/partial"])
    fs.mkdirSync(path.join(work, dir), { recursive: true });
  // As if nothing were installed: then what comes down is all that is needed, whatever state the host's packages are in.
  fs.writeFileSync(path.join(work, "status"), "");
  const conf = path.join(work, "apt.conf");
  const hooks = [
    "APT::Update::Pre-Invoke",
    "APT::Update::Post-Invoke",
    "APT::Update::Post-Invoke-Success",
    "DPkg::Pre-Invoke",
    "DPkg::Post-Invoke",
  ];
  fs.writeFileSync(
    conf,
    [
      ...hooks.map((hook) => `#clear ${hook};`),
      `Dir::State "${work}/state";`,
      `Dir::State::status "${work}/status";`,
      `Dir::State::lists "${work}/state/lists";`,
      `Dir::Cache "${work}/cache";`,
      `Dir::Cache::archives "${work}/cache/archives";`,
      `Dir::Log "${work}/state";`,
      `APT::Sandbox::User "root";`,
      `Acquire::Languages "none";`,
      `Acquire::Retries "3";`,
      `Dpkg::Use-Pty "0";`,
      "",
    ].join("\n"),
  );
  return { ...process.env, APT_CONFIG: conf, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
}

async function must(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  onLine?: (line: string) => void,
): Promise<void> {
  const ran = await run(command, args, { env, ...(onLine ? { onLine } : {}) });
  if (ran.code === 0) return;
  const said = ran.stderr.split("\n").filter((line) => /^[EW]:/.test(line));
  throw new Error(withoutHosts(said.slice(-4).join("\n") || ran.stderr.slice(-500)));
}

function librariesIn(root: string): string[] {
  const found: string[] = [];
  for (const base of ["usr/lib", "lib"]) {
    const dir = path.join(root, base);
    if (!fs.existsSync(dir)) continue;
    for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
      if (entry.isDirectory() && entry.name.includes("-linux-")) found.push(path.join(dir, entry.name));
    }
  }
  return found;
}

/** Packages of another release may need other libraries. */
function folder(name: string): string {
  let release = "";
  try {
    const text = fs.readFileSync("/etc/os-release", "utf8");
    release = ["ID", "VERSION_ID"]
      .map((key) => new RegExp(`^${key}="?([\\w.-]+)`, "m").exec(text)?.[1] ?? "")
      .join("");
  } catch {
    // Unnamed, then.
  }
  return `debian-${name}-${release}-${GOARCH}`;
}
