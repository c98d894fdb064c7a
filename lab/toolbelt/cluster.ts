import * as path from "node:path";
import { HitlessError, type Problem, unusable } from "../../shared/errors";
import type { Progress } from "../../shared/progress";
import { ensureBuilt } from "./built";
import { cached, sourceKey } from "./cache";
import { goFor } from "./go";
import { findIptables } from "./iptables";
import { type Build, BUILDS } from "./pins";
import { findRunc } from "./runc";
import type { ClusterTools, Tool, ToolName } from "./types";

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
  const problems = [iptables, runc, ...(await missingGo())].filter((it): it is Problem => "what" in it);
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

/** What stands in the way of building what is not built yet. */
async function missingGo(): Promise<Problem[]> {
  const builds: Build[] = [BUILDS.kubernetes, BUILDS.containerd, BUILDS.cni, BUILDS.pause];
  for (const build of builds.filter((it) => !cached(sourceKey(it)))) {
    try {
      await goFor(build);
    } catch (error) {
      if (error instanceof HitlessError) return error.problems;
      throw error;
    }
  }
  return [];
}
