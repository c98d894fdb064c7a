import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { startTime } from "../shared/process";

/**
 * What a host looks like, as far as a lab could change it: lists of lines, by what they are about.
 * Two of them are compared to prove that a lab left nothing.
 */
export type HostSnapshot = Record<string, string[]>;

/** Settings that Kubernetes' parts write wherever they run. */
const SETTINGS = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "net/ipv6/conf/all/forwarding",
  "net/bridge/bridge-nf-call-iptables",
  "net/netfilter/nf_conntrack_max",
];

/** Folders in which Kubernetes' parts make others, wherever they run. */
const FOLDERS = [
  "/run",
  "/run/netns",
  "/var/lib",
  "/var/lib/kubelet",
  "/var/lib/cni",
  "/var/log",
  "/etc",
  "/etc/cni",
  "/opt",
  "/opt/containerd",
  "/usr/libexec/kubernetes",
  "/tmp",
];

const HOME_FOLDERS = [".kube", ".kube/cache", ".kube/cache/discovery", ".pulumi"];

/**
 * @param about strings by which processes of interest are known (a lab's folder, its name): a process counts if one
 *   of them occurs in its command line, environment, control groups, working folder or open files. Processes of
 *   others come and go on any machine.
 * @param ignore names that other work on this machine makes meanwhile
 */
export function snapshotHost(about: string[], ignore: RegExp = /^$/): HostSnapshot {
  const home = process.env["HOME"] ?? "/root";
  const kept = (lines: string[]) => lines.filter((line) => !ignore.test(line));
  return {
    mount: kept(readLines("/proc/self/mounts")),
    link: links(),
    firewall: firewall(),
    "control group": kept(controlGroups()),
    process: processes(about),
    setting: SETTINGS.map((name) => `${name} = ${read(`/proc/sys/${name}`).trim()}`),
    name: kept(
      [...FOLDERS, ...HOME_FOLDERS.map((name) => path.join(home, name))].flatMap((folder) =>
        names(folder).map((name) => path.join(folder, name)),
      ),
    ),
  };
}

/** What came (`+`) and what went (`-`), one line each; empty: nothing changed. */
export function difference(before: HostSnapshot, after: HostSnapshot): string[] {
  const kinds = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return kinds.flatMap((kind) => {
    const [old, now] = [before[kind] ?? [], after[kind] ?? []];
    return [
      ...surplus(now, old).map((line) => `+ ${kind}: ${line}`),
      ...surplus(old, now).map((line) => `- ${kind}: ${line}`),
    ];
  });
}

/** The lines of `left` that `right` does not have, each as often as it has it less. */
function surplus(left: string[], right: string[]): string[] {
  const count = new Map<string, number>();
  for (const line of right) count.set(line, (count.get(line) ?? 0) + 1);
  return left.filter((line) => {
    const rest = count.get(line) ?? 0;
    count.set(line, rest - 1);
    return rest <= 0;
  });
}

const read = (file: string): string => {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const readLines = (file: string): string[] => read(file).split("\n").filter(Boolean);

function names(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** What a program prints; nothing where there is no such program. */
const output = (command: string, ...args: string[]): string =>
  spawnSync(command, args, { encoding: "utf8" }).stdout ?? "";

interface Link {
  ifname: string;
  link_type: string;
  operstate: string;
  flags: string[];
}

const links = (): string[] =>
  (JSON.parse(output("ip", "-j", "link") || "[]") as Link[]).map(
    ({ ifname, link_type, operstate, flags }) => `${ifname} ${link_type} ${operstate} ${flags.join(",")}`,
  );

/** Without counters and comments, which change by themselves. */
const firewall = (): string[] =>
  [output("iptables-save"), output("nft", "--stateless", "list", "ruleset")]
    .flatMap((text) => text.split("\n"))
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/ \[\d+:\d+\]/, ""));

/** The groups at the top of each hierarchy. */
function controlGroups(): string[] {
  const top = "/sys/fs/cgroup";
  const folders = (folder: string): string[] =>
    names(folder)
      .map((name) => path.join(folder, name))
      .filter((file) => fs.statSync(file, { throwIfNoEntry: false })?.isDirectory());
  return folders(top).flatMap((folder) => [folder, ...folders(folder)]);
}

function processes(about: string[]): string[] {
  return names("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const command = read(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim();
    // Kernel threads have no command line.
    if (command === "" || !isAbout(name, about)) return [];
    const started = startTime(pid);
    return started === undefined ? [] : [`${pid} ${started} ${command.slice(0, 120)}`];
  });
}

function isAbout(pid: string, about: string[]): boolean {
  const link = (file: string): string => {
    try {
      return fs.readlinkSync(file);
    } catch {
      return "";
    }
  };
  const open = names(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`));
  const told = ["cmdline", "environ", "cgroup"].map((file) => read(`/proc/${pid}/${file}`));
  return [...told, link(`/proc/${pid}/cwd`), ...open].some((text) =>
    about.some((word) => text.includes(word)),
  );
}
