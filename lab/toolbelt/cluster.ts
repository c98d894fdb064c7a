import * as path from "node:path";
import { unusable, type Problem } from "../../shared/errors";
import type { Progress } from "../../shared/progress";
import { ensureBuilt } from "./built";
import { cached, cacheRoot, sourceKey } from "./cache";
import { hasDebian, unpack, unpacked, type Unpacked } from "./debian";
import { quoted, script } from "./files";
import { findGo, wantedGo } from "./go";
import { findIptables } from "./iptables";
import { BUILDS } from "./pins";
import { onPath, run } from "./run";
import type { ClusterTools, Source, Tool, ToolName } from "./types";

/**
 * Everything the lab's cluster runs on. Kubernetes, containerd and the CNI plugins are our own builds, so that each
 * machine runs the same; iptables must fit the kernel and runc needs a C library: the host's, else Debian's packages.
 * @throws {HitlessError} with all that is missing, before anything long starts.
 */
export async function ensureCluster(progress: Progress): Promise<ClusterTools> {
  if (process.platform !== "linux") {
    throw unusable("The lab's cluster needs Linux", [
      { what: "its parts run as processes of the host", value: process.platform, allowed: "linux" },
    ]);
  }
  const iptables = await findIptables(progress);
  const runc = await findRunc(progress);
  const problems = [iptables, runc, ...missingGo()].filter((it): it is Problem => "what" in it);
  if ("what" in iptables || "what" in runc || problems.length > 0) {
    throw unusable("The lab's cluster needs what this host does not have", problems);
  }
  const [kube] = await ensureBuilt(BUILDS.kubernetes, progress);
  const containerd = await ensureBuilt(BUILDS.containerd, progress);
  const cni = await ensureBuilt(BUILDS.cni, progress);
  const [pause] = await ensureBuilt(BUILDS.pause, progress);
  const cniDir = path.dirname(named(cni, "bridge").path);
  const folders = [iptables, runc, ...containerd].map((tool) => path.dirname(tool.path));
  return {
    kube: kube as Tool,
    containerd: named(containerd, "containerd"),
    shim: named(containerd, "containerd-shim-runc-v2"),
    ctr: named(containerd, "ctr"),
    runc,
    cniDir,
    cni,
    pause: pause as Tool,
    iptables,
    path: [...new Set(folders)].join(":"),
  };
}

const named = (tools: Tool[], name: ToolName): Tool => tools.find((tool) => tool.name === name) as Tool;

function missingGo(): Problem[] {
  const unbuilt = [BUILDS.kubernetes, BUILDS.containerd, BUILDS.cni, BUILDS.pause].filter(
    (build) => !cached(sourceKey(build)),
  );
  if (unbuilt.length === 0 || findGo()) return [];
  return [
    {
      where: "go",
      what: "not on PATH",
      allowed: `Go ${wantedGo(BUILDS.kubernetes)} or newer`,
      fix: "install Go (https://go.dev/dl)",
    },
  ];
}

/**
 * runc is not built here: the seccomp filter that every pod sandbox asks for needs a C library which is no Go module.
 * Any runc that has it will do; undefined where none is there yet.
 */
export async function presentRunc(): Promise<Tool | undefined> {
  for (const at of onPath("runc", process.env.PATH, ["/usr/sbin", "/usr/local/sbin"])) {
    const tool = await runcAt(at, "PATH");
    if (tool) return tool;
  }
  const copy = unpacked("runc");
  return copy ? runcAt(runnable(copy), "package") : undefined;
}

async function findRunc(progress: Progress): Promise<Tool | Problem> {
  const present = await presentRunc();
  if (present) return present;
  const copy = hasDebian() ? await unpack("runc", progress) : undefined;
  if (copy && "what" in copy) return copy;
  const works = copy && (await runcAt(runnable(copy), "package"));
  return (
    works ?? {
      where: "runc",
      what: "not there, or built without seccomp",
      allowed: "runc 1.1 or newer",
      fix: "install the package `runc`",
    }
  );
}

async function runcAt(at: string, source: Source): Promise<Tool | undefined> {
  const ran = await run(at, ["--version"]).catch(() => undefined);
  if (ran?.code !== 0 || !ran.stdout.includes("libseccomp")) return undefined;
  return { name: "runc", path: at, version: /version (\S+)/.exec(ran.stdout)?.[1] ?? "unknown", source };
}

/** A script that starts the unpacked runc with the libraries that came with it. */
function runnable(copy: Unpacked): string {
  const at = path.join(cacheRoot(), "debian-runc", "bin", "runc");
  const settings = `LD_LIBRARY_PATH=${quoted(copy.libraries.join(":"))}`;
  script(at, `${settings} exec ${quoted(path.join(copy.root, "usr", "sbin", "runc"))} "$@"`);
  return at;
}
