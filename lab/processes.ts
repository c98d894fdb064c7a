import * as fs from "node:fs";
import * as path from "node:path";
import { unusable } from "../shared/errors";
import { alive, type ProcessId, startTime } from "../shared/process";
import type { Layout } from "./layout";

export interface LabProcess extends ProcessId {
  command: string;
  /** It runs in a pod; else it is one of the lab's own. */
  inPod: boolean;
}

const CGROUPS = "/sys/fs/cgroup";

const MARK = "HITLESS_LAB_PART";

/**
 * Goes into the environment of whatever `up` starts: it is how those are found that have not entered the lab's
 * namespaces yet, when `up` is killed meanwhile.
 */
export const marker = (at: Layout): Record<string, string> => ({ [MARK]: at.run });

/**
 * Every process of the lab, by what it lives in and not by what somebody wrote down: the lab's mount namespace
 * (its daemons and their shims), its control group (what runs in pods), or the marker (what was about to enter).
 * A lab that was killed while it started is found as well as one that is whole, and nothing else ever is.
 */
export function labProcesses(at: Layout): LabProcess[] {
  const namespace = inode(at.mntns);
  const inPods = new Set(cgroupFolders(at).flatMap(members));
  const found: LabProcess[] = [];
  for (const entry of list("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const inPod = inPods.has(pid);
    const inside = namespace !== undefined && inode(`/proc/${pid}/ns/mnt`) === namespace;
    if (!inPod && !inside && !isMarked(pid, at)) continue;
    const started = startTime(pid);
    if (started !== undefined) found.push({ pid, started, command: commandOf(pid), inPod });
  }
  return found;
}

/**
 * Engines whose state lives in this lab. One that a killed release left running would otherwise write its state into
 * the next lab, which knows nothing of what it speaks of.
 */
export function engines(at: Layout): LabProcess[] {
  const mine = `PULUMI_BACKEND_URL=file://${at.backend}`;
  return list("/proc").flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || !nameOf(pid).startsWith("pulumi")) return [];
    const started = startTime(pid);
    return started !== undefined && hasVariable(pid, mine)
      ? [{ pid, started, command: commandOf(pid), inPod: false }]
      : [];
  });
}

/** The name of the program a process runs, whatever its arguments are. */
function nameOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, "utf8");
  } catch {
    return "";
  }
}

function inode(file: string): string | undefined {
  try {
    const { ino, dev } = fs.statSync(file);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

const isMarked = (pid: number, at: Layout): boolean => hasVariable(pid, `${MARK}=${at.run}`);

function hasVariable(pid: number, variable: string): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(variable);
  } catch {
    return false;
  }
}

/** The daemon's name as it is called, `kubelet` and not the multi-call program. */
function commandOf(pid: number): string {
  try {
    const argv = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const program = path.basename(argv[0] ?? "");
    return program === "kube" ? (argv[1] ?? program) : program;
  } catch {
    return "";
  }
}

/** The lab's control groups in every hierarchy, deepest first. */
export function cgroupFolders(at: Layout): string[] {
  const roots = [CGROUPS, ...list(CGROUPS).map((name) => path.join(CGROUPS, name))];
  return roots
    .map((root) => path.join(root, at.cgroup))
    .filter((folder) => fs.existsSync(folder))
    .flatMap(deepestFirst);
}

const deepestFirst = (folder: string): string[] => [
  ...list(folder).flatMap((name) => deepestFirst(path.join(folder, name))),
  folder,
];

const list = (folder: string): string[] => {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
};

function members(folder: string): number[] {
  try {
    return fs.readFileSync(path.join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Creates the lab's control group in every hierarchy; in a cpuset one a group without CPUs could hold nobody. */
export function createCgroups(at: Layout): void {
  const unified = fs.existsSync(path.join(CGROUPS, "cgroup.controllers"));
  const roots = unified
    ? [CGROUPS]
    : list(CGROUPS)
        .filter((name) => name !== "unified")
        .map((name) => path.join(CGROUPS, name));
  for (const root of roots) {
    const folder = path.join(root, at.cgroup);
    fs.mkdirSync(folder, { recursive: true });
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if (!unified && fs.existsSync(path.join(folder, file))) {
        fs.writeFileSync(path.join(folder, file), fs.readFileSync(path.join(root, file), "utf8"));
      }
    }
    if (unified) {
      const controllers = fs.readFileSync(path.join(root, "cgroup.controllers"), "utf8").trim().split(" ");
      for (const parent of [root, folder]) handDown(path.join(parent, "cgroup.subtree_control"), controllers);
    }
  }
}

/** Lets the groups below use these controllers; those that they may already use are left as they are. */
function handDown(file: string, controllers: string[]): void {
  const present = fs.readFileSync(file, "utf8").trim().split(" ");
  const wanted = controllers.filter((controller) => !present.includes(controller));
  if (wanted.length === 0) return;
  try {
    fs.writeFileSync(file, wanted.map((controller) => `+${controller}`).join(" "));
  } catch (error) {
    throw unusable(
      "the lab's control group gets no controllers",
      [
        {
          where: file,
          what: `could not be given ${wanted.join(", ")}: ${(error as Error).message}`,
          fix: "in a container: start it with --privileged --cgroupns=host; elsewhere, run from the root group",
        },
      ],
      { cause: error },
    );
  }
}

export function removeCgroups(at: Layout): void {
  for (const folder of cgroupFolders(at)) {
    try {
      fs.rmdirSync(folder);
    } catch {
      // Not empty yet: the next pass, or the next `down`, finds it.
    }
  }
}

const POLL_MS = 50;

/** Ends every process of the lab. @returns those that would not go within `seconds`. */
export async function endProcesses(at: Layout, seconds = 20): Promise<LabProcess[]> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const left = [...labProcesses(at), ...engines(at)];
    if (left.length === 0 || Date.now() > until) return left;
    for (const target of left) {
      if (!alive(target)) continue;
      try {
        process.kill(target.pid, "SIGKILL");
      } catch {
        // It ended by itself in between.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
