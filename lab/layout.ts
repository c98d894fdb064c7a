import { createHash } from "node:crypto";
import * as os from "node:os";
import * as path from "node:path";
import { unusable } from "../shared/errors";
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
  /** TMPDIR of the lab's processes: what one leaves there when it is killed goes with the lab. */
  temporary: string;
  lockDir: string;
  /** The control group under which every pod runs. */
  cgroup: string;
}

/** A lab's name becomes a file's, a node's and a control group's. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/**
 * @param name default: HITLESS_LAB_NAME, else `hitless-lab`
 * @param root the checkout that the lab belongs to
 * @throws HitlessError on a name that cannot be a file's and a node's
 */
export function layout(name = process.env["HITLESS_LAB_NAME"] || "hitless-lab", root = ROOT): Layout {
  if (!NAME.test(name)) {
    throw unusable("a lab cannot have this name", [
      {
        where: "HITLESS_LAB_NAME",
        what: "is not a name that a node could have",
        value: name,
        allowed: "1 to 40 lower-case letters, digits and hyphens, with no hyphen at either end",
      },
    ]);
  }
  const state = path.join(root, ".hitless", name);
  // Two checkouts on one machine have two labs, and neither takes the other's for its own.
  const id = `${name}-${createHash("sha256").update(root).digest("hex").slice(0, 6)}`;
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
    temporary: path.join(state, "tmp"),
    lockDir: path.join(root, ".hitless", `${name}.locks`),
    cgroup: id,
  };
}

/** What the lab's own processes call `Layout.state` as well: a name without blanks, quotes or commas. */
export const INSIDE = "/run/state";

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
