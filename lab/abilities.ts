import { spawnSync } from "node:child_process";
import type { Problem } from "../shared/errors";

interface Ability {
  /** What it needs, in the words of a refusal. */
  what: string;
  /** Namespaces of its own, so that whatever it does ends with it and the host is not touched. */
  within: "network" | "mount";
  /** A shell script that fails where the ability is missing. */
  attempt: string;
  fix: string;
}

const PRIVILEGED = "run as root (in a container: --privileged)";
const kernel = (module: string) =>
  `load the kernel's module ${module} (modprobe ${module}; in a container: --privileged)`;

/** The first of each kind of namespaces says whether there are any; without, the others of its kind are moot. */
const ABILITIES: Ability[] = [
  { what: "network namespaces are refused", within: "network", attempt: "true", fix: PRIVILEGED },
  {
    what: "the kernel makes no bridge",
    within: "network",
    attempt: "ip link add try0 type bridge",
    fix: kernel("bridge"),
  },
  {
    what: "the kernel makes no pair of virtual links",
    within: "network",
    attempt: "ip link add try0 type veth peer name try1",
    fix: kernel("veth"),
  },
  {
    what: "settings of a network namespace cannot be written",
    within: "network",
    attempt: "echo 1 > /proc/sys/net/ipv4/ip_forward",
    fix: `mount /proc/sys for writing: ${PRIVILEGED}`,
  },
  {
    what: "mount namespaces, or mounts in them, are refused",
    within: "mount",
    attempt: "mount -t tmpfs none /tmp",
    fix: PRIVILEGED,
  },
  {
    what: "the kernel mounts no overlay",
    within: "mount",
    attempt:
      "mount -t tmpfs none /tmp && mkdir /tmp/a /tmp/b /tmp/c && " +
      "mount -t overlay -o lowerdir=/etc,upperdir=/tmp/a,workdir=/tmp/b overlay /tmp/c",
    fix: kernel("overlay"),
  },
];

const UNSHARE = { network: ["--net"], mount: ["--mount", "--propagation", "private"] };

const works = ({ within, attempt }: Ability): boolean =>
  spawnSync("unshare", [...UNSHARE[within], "/bin/sh", "-c", attempt], { stdio: "ignore", timeout: 10_000 })
    .status === 0;

/** What this kernel refuses of what a lab does, by trying each in namespaces that end at once. Takes some 50 ms. */
export function kernelProblems(): Problem[] {
  return (["network", "mount"] as const).flatMap((kind) => {
    const [basis, ...others] = ABILITIES.filter(({ within }) => within === kind) as [Ability, ...Ability[]];
    const missing = works(basis) ? others.filter((ability) => !works(ability)) : [basis];
    return missing.map(({ what, fix }) => ({ what, fix }));
  });
}
