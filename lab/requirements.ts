import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { unusable, type Problem } from "../shared/errors";

const ELSEWHERE =
  "or pass --kubeconfig/--context of any cluster: kind (`kind create cluster`), k3d (`k3d cluster create`) or EKS will do";

/** Says everything that this machine lacks for a lab, before anything is started. */
export function requireLab(): void {
  const problems: Problem[] = [];
  if (process.platform !== "linux") {
    problems.push({
      what: "the lab runs Kubernetes as processes of a Linux kernel",
      value: process.platform,
      allowed: "linux",
      fix: `use a Linux machine, ${ELSEWHERE}`,
    });
  } else if (process.getuid?.() !== 0) {
    problems.push({
      what: "the lab creates namespaces and mounts, which only root may",
      value: `uid ${process.getuid?.()}`,
      allowed: "uid 0",
      fix: `run it with sudo, ${ELSEWHERE}`,
    });
  } else {
    for (const command of ["nsenter", "unshare", "mount", "umount", "ip", "tar", "ldd"]) {
      if (spawnSync(command, ["--version"], { stdio: "ignore" }).error) {
        problems.push({
          where: command,
          what: "is not on PATH",
          fix: command === "ip" ? "install the package iproute2" : "install util-linux, tar and libc-bin",
        });
      }
    }
    if (!fs.existsSync("/sys/fs/cgroup/cgroup.controllers") && !fs.existsSync("/sys/fs/cgroup/memory")) {
      problems.push({
        where: "/sys/fs/cgroup",
        what: "no control groups are mounted there",
        fix: "mount them (in a container: --privileged --cgroupns=host)",
      });
    }
    if (!fs.readFileSync("/proc/filesystems", "utf8").includes("overlay")) {
      problems.push({
        where: "/proc/filesystems",
        what: "the kernel has no overlayfs",
        fix: `load the module overlay, ${ELSEWHERE}`,
      });
    }
  }
  if (problems.length > 0) throw unusable("the lab cannot run here", problems);
}
