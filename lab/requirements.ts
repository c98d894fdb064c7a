import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { type Problem, unusable } from "../shared/errors";
import { kernelProblems } from "./abilities";

const ELSEWHERE =
  "or pass --kubeconfig/--context of any cluster: kind (`kind create cluster`), k3d (`k3d cluster create`) or EKS will do";

const CGROUPS = "/sys/fs/cgroup";

/** What a machine has that decides whether it can run a lab. */
export interface Machine {
  platform: NodeJS.Platform;
  /** Absent where there are no user ids. */
  uid?: number;
  hasCommand(name: string): boolean;
  hasFile(path: string): boolean;
  mayWrite(path: string): boolean;
  /** What the kernel refuses when it is tried. */
  kernel(): Problem[];
}

/** False also for a file system that is mounted for reading only. */
function mayWrite(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export const thisMachine: Machine = {
  platform: process.platform,
  ...(process.getuid ? { uid: process.getuid() } : {}),
  hasCommand: (name) => !spawnSync(name, ["--version"], { stdio: "ignore" }).error,
  hasFile: (path) => fs.existsSync(path),
  mayWrite,
  kernel: kernelProblems,
};

const PACKAGES: Record<string, string> = {
  nsenter: "util-linux",
  unshare: "util-linux",
  mount: "mount",
  umount: "mount",
  taskset: "util-linux",
  mountpoint: "util-linux",
  ip: "iproute2",
  tar: "tar",
  ldd: "libc-bin",
};

/** Whether this is Linux and root: what every lab command that does something needs. */
export function rootProblems({ platform, uid }: Machine = thisMachine): Problem[] {
  if (platform !== "linux") {
    return [
      {
        what: "the lab runs Kubernetes as processes of a Linux kernel",
        value: platform,
        allowed: "linux",
        fix: `use a Linux machine, ${ELSEWHERE}`,
      },
    ];
  }
  if (uid !== 0) {
    return [
      {
        what: "the lab creates namespaces and mounts, which only root may",
        value: `uid ${uid}`,
        allowed: "uid 0",
        fix: `run it with sudo, ${ELSEWHERE}`,
      },
    ];
  }
  return [];
}

/** Everything that a machine lacks for a lab; empty: it can run one. Starts nothing that stays. */
export function labProblems(machine: Machine = thisMachine): Problem[] {
  const problems = rootProblems(machine);
  // What else is missing can only be said where the lab could be at all.
  if (problems.length > 0) return problems;
  for (const [command, source] of Object.entries(PACKAGES)) {
    if (!machine.hasCommand(command)) {
      problems.push({ where: command, what: "is not on PATH", fix: `install the package ${source}` });
    }
  }
  const missingCommands = problems.length > 0;
  const groups = ["cgroup.controllers", "memory"].find((name) => machine.hasFile(`${CGROUPS}/${name}`));
  if (groups === undefined) {
    problems.push({
      where: CGROUPS,
      what: "no control groups are mounted there",
      fix: `mount them (in a container: --privileged --cgroupns=host), ${ELSEWHERE}`,
    });
  } else if (!machine.mayWrite(groups === "memory" ? `${CGROUPS}/memory` : CGROUPS)) {
    problems.push({
      where: CGROUPS,
      what: "no control group can be made there",
      fix: `mount it for writing (in a container: --privileged --cgroupns=host), ${ELSEWHERE}`,
    });
  }
  // Without the commands, an attempt would only fail for want of them.
  if (!missingCommands)
    problems.push(...machine.kernel().map((one) => ({ ...one, fix: `${one.fix}, ${ELSEWHERE}` })));
  return problems;
}

const refuse = (problems: Problem[]): void => {
  if (problems.length > 0) throw unusable("the lab cannot run here", problems);
};

/** Says everything that this machine lacks for a lab, before anything is started. */
export const requireLab = (machine?: Machine): void => refuse(labProblems(machine));

export const requireRoot = (machine?: Machine): void => refuse(rootProblems(machine));
