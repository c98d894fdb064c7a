import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Progress } from "../../shared/progress";
import { ROOT } from "../../shared/paths";
import { builtAlready, ensureBuilt } from "./built";
import { GOARCH, GOOS } from "./cache";
import { type Archive, download, downloaded, VENDOR_ARCH } from "./download";
import { type Build, BUILDS, OLDEST_PULUMI, VENDOR, VERSIONS } from "./pins";
import { isExecutable, onPath, run } from "./run";
import type { Source, Tool } from "./types";

/** Our own folder of programs; never taken for something of the user's. */
export const BIN = path.join(ROOT, ".hitless", "bin");
const LANGUAGE = "pulumi-language-nodejs";

/** An engine, and the language host that came with it, if one did. */
export interface Engine {
  pulumi: Tool;
  language?: string;
}

const ARCHIVE: Archive = {
  title: `Pulumi ${VERSIONS.pulumi}`,
  name: `download-pulumi-${VERSIONS.pulumi}-${GOOS}-${GOARCH}`,
  url: `${VENDOR.sdk}/pulumi-v${VERSIONS.pulumi}-${GOOS}-${VENDOR_ARCH}.tar.gz`,
  sums: [`${VENDOR.sdk}/pulumi-${VERSIONS.pulumi}-checksums.txt`],
  holds: "pulumi/pulumi",
};

const PLUGIN_ARCHIVE: Archive = {
  title: `Pulumi's Kubernetes provider ${VERSIONS.kubernetesProvider}`,
  name: `download-pulumi-kubernetes-${VERSIONS.kubernetesProvider}-${GOOS}-${GOARCH}`,
  url: `${VENDOR.plugins}/pulumi-resource-kubernetes-v${VERSIONS.kubernetesProvider}-${GOOS}-${GOARCH}.tar.gz`,
  sums: [
    `${VENDOR.kubernetesReleases}/v${VERSIONS.kubernetesProvider}/pulumi-kubernetes_${VERSIONS.kubernetesProvider}_checksums.txt`,
  ],
  holds: "pulumi-resource-kubernetes",
};

/** How to look for an earlier build. */
type Built = (build: Build) => Promise<Tool[] | undefined>;

/** The user's engine, else an earlier download or build; changes nothing. */
export async function presentEngine(builtBefore: Built = builtAlready): Promise<Engine | undefined> {
  const theirs = await usersEngine();
  if (theirs) return theirs;
  const dir = downloaded(ARCHIVE);
  if (dir) return fromArchive(dir, "cache");
  const built = await builtBefore(BUILDS.pulumi);
  return built ? { pulumi: built[0] as Tool } : undefined;
}

/** The engine, got if need be. */
export async function findEngine(progress: Progress): Promise<Engine> {
  const present = await presentEngine();
  if (present) return present;
  const dir = await download(ARCHIVE, progress);
  if (dir) return fromArchive(dir, "download");
  return { pulumi: (await ensureBuilt(BUILDS.pulumi, progress))[0] as Tool };
}

function fromArchive(dir: string, source: Source): Engine {
  const bin = path.join(dir, "pulumi");
  return {
    pulumi: { name: "pulumi", path: path.join(bin, "pulumi"), version: VERSIONS.pulumi, source },
    language: path.join(bin, LANGUAGE),
  };
}

async function usersEngine(): Promise<Engine | undefined> {
  const home = pulumiHome();
  const candidates = [
    ...onPath("pulumi").map((at) => ({ at, source: "PATH" as const })),
    { at: path.join(home, "bin", "pulumi"), source: "PULUMI_HOME" as const },
  ];
  for (const { at, source } of candidates) {
    if (path.dirname(at) === BIN || !isExecutable(at)) continue;
    const version = await versionOf(at);
    if (!version || !acceptable(version)) continue;
    const beside = [path.dirname(at), path.dirname(fs.realpathSync(at))].map((dir) =>
      path.join(dir, LANGUAGE),
    );
    const language = beside.find(isExecutable);
    return { pulumi: { name: "pulumi", path: at, version, source }, ...(language ? { language } : {}) };
  }
  return undefined;
}

/** Where the user's own Pulumi keeps its things. Read only. */
export const pulumiHome = (env = process.env): string =>
  env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");

/** Asks without an update check, and away from the user's settings: even this writes a log there. */
async function versionOf(pulumi: string): Promise<string | undefined> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"));
  try {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: home };
    const ran = await run(pulumi, ["version"], { env, timeout: 20_000 });
    return ran.code === 0 ? /v?(\d+\.\d+\.\d+\S*)/.exec(ran.stdout)?.[1] : undefined;
  } catch {
    return undefined;
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/** Whether a Pulumi of the user's own will do: the pinned major version, and not older than the oldest we take. */
export function acceptable(version: string): boolean {
  const [major, minor, patch] = numbers(version);
  const oldest = numbers(OLDEST_PULUMI);
  if (major !== numbers(VERSIONS.pulumi)[0]) return false;
  return minor !== oldest[1] ? (minor ?? -1) > (oldest[1] ?? 0) : (patch ?? -1) >= (oldest[2] ?? 0);
}

const numbers = (version: string): number[] =>
  (/^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);

/** The Kubernetes provider that the user has installed, else an earlier download or build; changes nothing. */
export async function presentProvider(builtBefore: Built = builtAlready): Promise<Tool | undefined> {
  const version = VERSIONS.kubernetesProvider;
  const name = "pulumi-resource-kubernetes";
  const installed = path.join(pulumiHome(), "plugins", `resource-kubernetes-v${version}`, name);
  if (isExecutable(installed)) return { name, path: installed, version, source: "PULUMI_HOME" };
  const dir = downloaded(PLUGIN_ARCHIVE);
  if (dir) return { name, path: path.join(dir, name), version, source: "cache" };
  return (await builtBefore(BUILDS.provider))?.[0];
}

/** The Kubernetes provider, got if need be. */
export async function findProvider(progress: Progress): Promise<Tool> {
  const present = await presentProvider();
  if (present) return present;
  const dir = await download(PLUGIN_ARCHIVE, progress);
  if (dir) {
    const name = "pulumi-resource-kubernetes";
    return { name, path: path.join(dir, name), version: VERSIONS.kubernetesProvider, source: "download" };
  }
  return (await ensureBuilt(BUILDS.provider, progress))[0] as Tool;
}
