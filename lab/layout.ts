import { createHash } from "node:crypto";
import * as os from "node:os";
import * as path from "node:path";
import { ROOT } from "../shared/paths";

/** Where one lab keeps its things, and what its parts are called. Two labs of different names do not meet. */
export interface Layout {
  name: string;
  /** Everything that may be deleted when the lab is down: data, keys, logs. */
  state: string;
  /** A small tmpfs on the host that holds the two namespaces by name: all that the host sees of the lab. */
  run: string;
  netns: string;
  mntns: string;
  kubeconfig: string;
  /** The engine's state of stacks that live in this lab: it goes with the lab. */
  backend: string;
  logs: string;
  lockFile: string;
  /** The control group under which every pod runs. */
  cgroup: string;
}

export function layout(name = process.env["HITLESS_LAB_NAME"] ?? "hitless-lab"): Layout {
  const state = path.join(ROOT, ".hitless", name);
  // Two checkouts on one machine have two labs, and neither takes the other's for its own.
  const id = `${name}-${createHash("sha256").update(ROOT).digest("hex").slice(0, 6)}`;
  const run = `/run/${id}`;
  return {
    name: id,
    state,
    run,
    netns: `${run}/net`,
    mntns: `${run}/mnt`,
    kubeconfig: path.join(state, "kubeconfig"),
    backend: path.join(state, "pulumi"),
    logs: path.join(state, "logs"),
    lockFile: path.join(ROOT, ".hitless", `${name}.lock`),
    cgroup: id,
  };
}

/** Built things that are worth keeping between labs and checkouts. */
export const cacheDirectory = (): string =>
  path.join(process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache"), "hitless");

/** Addresses inside the lab's own network namespace; nothing outside can reach them. */
export const NETWORK = {
  node: "10.89.0.1",
  nodePrefix: 24,
  pods: "10.90.0.0/24",
  services: "10.91.0.0/24",
  apiPort: 6443,
  proxyMetricsPort: 10249,
  proxyHealthPort: 10256,
  kubeletHealthPort: 10248,
} as const;
