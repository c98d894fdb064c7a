import * as fs from "node:fs";
import * as path from "node:path";
import { unusable, type Problem } from "../../shared/errors";
import type { Progress } from "../../shared/progress";
import { ensureBuilt } from "./built";
import { cached, cacheRoot, sourceKey } from "./cache";
import { hasDebian, unpack, unpacked } from "./debian";
import { findGo, wantedGo } from "./go";
import { findIptables } from "./iptables";
import { BUILDS } from "./pins";
import { onPath, run } from "./run";
import type { ClusterTools, Tool, ToolName } from "./types";

/**
 * Everything the lab's cluster runs on. Kubernetes, containerd, runc and the CNI plugins are our own builds, so that
 * each machine runs the same; iptables is the host's, as it must fit the kernel.
 * @throws {HitlessError} with all that is missing, before anything long starts.
 */
export async function ensureCluster(progress: Progress): Promise<ClusterTools> {
  if (process.platform !== "linux") {
    throw unusable("The lab's cluster needs Linux", [
      { what: "its parts run as processes of the host", value: process.platform, allowed: "linux" },
    ]);
  }
  const iptables = await findIptables(progress);
  const runcFrom = await sourceOfRunc();
  const problems = [
    ...("what" in iptables ? [iptables] : []),
    ...(typeof runcFrom === "object" ? [runcFrom] : []),
    ...missingGo(),
  ];
  if ("what" in iptables || typeof runcFrom === "object" || problems.length > 0) {
    throw unusable("The lab's cluster needs what this host does not have", problems);
  }
  const [kube] = await ensureBuilt(BUILDS.kubernetes, progress);
  const containerd = await ensureBuilt(BUILDS.containerd, progress);
  const runc = await findRunc(runcFrom, progress);
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

type RuncSource = "PATH" | "package";

/**
 * runc is not built here: the seccomp filter that every pod sandbox asks for needs a C library which is no Go module.
 * Any runc that has it will do.
 */
async function sourceOfRunc(): Promise<RuncSource | Problem> {
  if (unpacked("runc")) return "package";
  for (const at of onPath("runc", process.env.PATH, ["/usr/sbin"])) {
    if ((await run(at, ["--version"])).stdout.includes("libseccomp")) return "PATH";
  }
  if (hasDebian()) return "package";
  return {
    where: "runc",
    what: "is not on PATH (or was built without seccomp)",
    fix: "install the package `runc`",
  };
}

async function findRunc(from: RuncSource, progress: Progress): Promise<Tool> {
  if (from === "PATH") {
    const at = onPath("runc", process.env.PATH, ["/usr/sbin"])[0] as string;
    return { name: "runc", path: at, version: await versionOf(at), source: "PATH" };
  }
  const copy = unpacked("runc") ?? (await unpack("runc", progress));
  // A script, so that it finds the libraries that came with it.
  const dir = path.join(cacheRoot(), "debian-runc", "bin");
  fs.mkdirSync(dir, { recursive: true });
  const at = path.join(dir, "runc");
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${copy.libraries.join(":")}' exec '${path.join(copy.root, "usr/sbin/runc")}' "$@"\n`;
  fs.writeFileSync(`${at}.${process.pid}`, script, { mode: 0o755 });
  fs.renameSync(`${at}.${process.pid}`, at);
  return { name: "runc", path: at, version: copy.version, source: "package" };
}

async function versionOf(at: string): Promise<string> {
  return /version (\S+)/.exec((await run(at, ["--version"])).stdout)?.[1] ?? "unknown";
}
