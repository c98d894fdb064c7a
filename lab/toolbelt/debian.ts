import * as fs from "node:fs";
import * as path from "node:path";
import { unusable } from "../../shared/errors";
import type { Progress } from "../../shared/progress";
import { exclusively } from "./built";
import { cacheRoot, GOARCH, publish, staging } from "./cache";
import { withoutHosts } from "./refusal";
import { onPath, run } from "./run";

/** A Debian package unpacked into the cache. The host's own packages are neither changed nor added to. */
export interface Unpacked {
  /** What would be `/` if it were installed. */
  root: string;
  version: string;
  /** For LD_LIBRARY_PATH: the libraries that the host does not have. */
  libraries: string[];
}

const STATUS = "/var/lib/dpkg/status";

/** Whether this host can fetch Debian packages (Debian, Ubuntu and their kin). */
export function hasDebian(): boolean {
  return onPath("apt-get").length > 0 && onPath("dpkg-deb").length > 0 && fs.existsSync(STATUS);
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

/** Fetches package `name`, and what it needs that the host lacks, and unpacks them into the cache. */
export async function unpack(name: string, progress: Progress, root = cacheRoot()): Promise<Unpacked> {
  return exclusively(`fetching the Debian package ${name}`, progress, root, async () => {
    const meanwhile = unpacked(name, root);
    if (meanwhile) return meanwhile;
    const step = progress.start(`Fetch the Debian package ${name} (unpacked into the cache, not installed)`);
    try {
      const work = staging(folder(name), root);
      const apt = privateApt(work);
      await must(name, "apt-get", ["update", "-q"], apt, (line) => step.update(withoutHosts(line)));
      const install = ["install", "-q", "-y", "--download-only", "--no-install-recommends", name];
      await must(name, "apt-get", install, apt, (line) => step.update(withoutHosts(line)));
      const inner = path.join(work, "root");
      fs.mkdirSync(inner);
      const archives = path.join(work, "cache", "archives");
      const packages = fs.readdirSync(archives).filter((file) => file.endsWith(".deb"));
      for (const file of packages)
        await must(name, "dpkg-deb", ["-x", path.join(archives, file), inner], process.env);
      const version = decodeURIComponent(
        packages.find((file) => file.startsWith(`${name}_`))?.split("_")[1] ?? "unknown",
      );
      fs.writeFileSync(path.join(work, "package.json"), JSON.stringify({ name, version }));
      for (const rest of ["state", "cache", "apt.conf", "status"])
        fs.rmSync(path.join(work, rest), { recursive: true, force: true });
      const place = publish(work, folder(name), root);
      step.done(`${name} ${version}`);
      return { root: path.join(place, "root"), version, libraries: librariesIn(path.join(place, "root")) };
    } catch (error) {
      step.fail();
      throw error;
    }
  });
}

/** apt with every folder it writes to inside `work`, and none of the host's hooks. */
function privateApt(work: string): NodeJS.ProcessEnv {
  for (const dir of ["state/lists/partial", "cache/archives/partial"])
    fs.mkdirSync(path.join(work, dir), { recursive: true });
  // A copy: apt locks the folder that the file is in.
  fs.copyFileSync(STATUS, path.join(work, "status"));
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
  name: string,
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  onLine?: (line: string) => void,
): Promise<void> {
  const ran = await run(command, args, { env, ...(onLine ? { onLine } : {}) });
  if (ran.code === 0) return;
  const said =
    ran.stderr
      .split("\n")
      .filter((line) => /^[EW]:/.test(line))
      .slice(-4)
      .join("\n") || ran.stderr.slice(-500);
  throw unusable(`The Debian package ${name} could not be fetched`, [
    {
      where: `${command} ${args[0]}`,
      what: withoutHosts(said),
      fix: `install it yourself: apt-get install ${name}`,
    },
  ]);
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
