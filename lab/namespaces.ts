import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { unusable } from "../shared/errors";
import { INSIDE, type Layout, NETWORK } from "./layout";
import { marker } from "./processes";

/**
 * Kernel settings that a kubelet writes for the whole machine. In the lab's mount namespace each is covered by
 * a file of its own, so that the kubelet finds what it wants and the host keeps what it has.
 */
const COVERED_SETTINGS = {
  "vm/overcommit_memory": "1",
  "vm/panic_on_oom": "0",
  "kernel/panic": "10",
  "kernel/panic_on_oops": "1",
  "kernel/keys/root_maxkeys": "1000000",
  "kernel/keys/root_maxbytes": "25000000",
};

/** Folders that Kubernetes' parts write to wherever they run; in the lab each is a folder of the lab's own. */
const COVERED_FOLDERS = [
  "/var/lib/kubelet",
  "/var/lib/cni",
  "/var/log/pods",
  "/var/log/containers",
  "/etc/cni",
];

/** Where the covers are, as seen from inside. */
const COVERS = `${INSIDE}/cover`;

/** What overlays in the lab's mount namespace change. */
const OVERLAYS = `${INSIDE}/overlays`;

/** A path as one name. */
const key = (file: string): string => file.replace(/^\//, "").replaceAll("/", "-");

/** A word of a shell script, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs a shell script that stops at its first error. */
function script(at: Layout, text: string, prefix: string[] = []): void {
  const [command, ...args] = [...prefix, "/bin/sh", "-euc", text];
  const env = { ...process.env, ...marker(at) };
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", env });
  if (error || status !== 0) {
    throw unusable(
      `the lab's namespaces could not be set up: ${(stderr || error?.message || "").trim()}`,
      [
        {
          what: "creating network and mount namespaces, tmpfs and bind mounts was refused",
          fix: "run as root on Linux (in a container: --privileged), or pass --kubeconfig/--context of any cluster",
        },
      ],
      { cause: error },
    );
  }
}

/**
 * Creates the lab's network and mount namespaces. The host gets one tmpfs that holds their names; every other
 * mount, link, route and firewall rule is made inside them, and is gone with them.
 */
export function createNamespaces(at: Layout): void {
  // A lone tmpfs, not propagated: a mount namespace can only be kept by name on a private mount.
  script(
    at,
    `
    mkdir -p '${at.run}'
    mount -t tmpfs -o mode=0700,size=1m '${at.name}' '${at.run}'
    mount --make-private '${at.run}'
    touch '${at.netns}' '${at.mntns}'
    unshare --net='${at.netns}' true
    ${keepMountNamespace(at)}
  `,
  );
  const cover = path.join(at.state, "cover");
  fs.mkdirSync(path.join(cover, "run", path.basename(INSIDE)), { recursive: true });
  // From here on the state has a second name, which no cover hides and which needs no quotes.
  const lines = [
    `mount --bind ${quoted(`${cover}/run`)} /run`,
    `mount --bind ${quoted(at.state)} ${INSIDE}`,
    carryOverlays(),
  ];
  for (const folder of COVERED_FOLDERS) {
    const own = key(folder);
    fs.mkdirSync(path.join(cover, own), { recursive: true });
    if (!fs.existsSync(folder)) lines.push(...coverMissing(folder));
    lines.push(`mount --bind '${COVERS}/${own}' '${folder}'`);
  }
  for (const [setting, value] of Object.entries(COVERED_SETTINGS)) {
    fs.writeFileSync(path.join(cover, key(setting)), `${value}\n`);
    if (!fs.existsSync(`/proc/sys/${setting}`)) continue;
    lines.push(`mount --bind '${COVERS}/${key(setting)}' '/proc/sys/${setting}'`);
  }
  // No name server is reachable; asking one would only make a wrong image take long to be noticed.
  fs.writeFileSync(path.join(cover, "resolv.conf"), "nameserver 127.0.0.1\n");
  lines.push(`if [ -f /etc/resolv.conf ]; then mount --bind ${COVERS}/resolv.conf /etc/resolv.conf; fi`);
  // The state itself must not be below one of the covers, or the host would not see what is written there.
  lines.push(`mount --bind ${INSIDE} ${quoted(at.state)}`);
  script(at, lines.join("\n"), ["nsenter", `--mount=${at.mntns}`]);
  script(
    at,
    `
    ip link set lo up
    ip link add hitless0 type bridge
    ip addr add ${NETWORK.node}/${NETWORK.nodePrefix} dev hitless0
    ip link set hitless0 up
    ip route add default dev hitless0
    echo 1 > /proc/sys/net/ipv4/ip_forward
    echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
    [ ! -f /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
  `,
    ["nsenter", `--net=${at.netns}`],
  );
}

/**
 * A mount namespace is kept by name only where it is younger than the one we are in. From Linux 6.18 on, age is a
 * number of which each CPU has a store: within a container a namespace made on the wrong CPU counts as older, and is
 * refused ("Invalid argument"). On the CPU that made ours it never is, so each gets its turn.
 */
const keepMountNamespace = (at: Layout): string => `
    unshare --mount='${at.mntns}' --propagation private true && exit
    for cpu in $(seq 0 ${os.cpus().length - 1}); do
      taskset -c "$cpu" unshare --mount='${at.mntns}' --propagation private true && exit
    done
    exit 1`;

/**
 * Not every file system can carry what an overlay changes: that of a container, itself an overlay, cannot. There,
 * images, containers and covers live in memory, about 300 MB of it.
 */
const carryOverlays = (): string => `
  mkdir -p ${INSIDE}/containerd ${OVERLAYS}/try ${OVERLAYS}/try.work ${OVERLAYS}/try.at
  if mount -t overlay -o lowerdir=/etc,upperdir=${OVERLAYS}/try,workdir=${OVERLAYS}/try.work overlay ${OVERLAYS}/try.at 2>/dev/null
  then umount ${OVERLAYS}/try.at
  else for folder in ${INSIDE}/containerd ${OVERLAYS}; do mount -t tmpfs -o mode=0711 overlays "$folder"; done
  fi`;

/**
 * A folder that the host does not have cannot be mounted over without making it there first. Its nearest
 * existing parent is covered by an overlay instead, whose changes stay in the lab's state.
 */
function coverMissing(folder: string): string[] {
  const parent = path.dirname(folder);
  const [upper, work] = [`${OVERLAYS}/${key(parent)}`, `${OVERLAYS}/${key(parent)}.work`];
  return [
    `mkdir -p ${upper} ${work}`,
    `[ -d '${folder}' ] || mountpoint -q '${parent}' || mount -t overlay -o 'lowerdir=${parent},upperdir=${upper},workdir=${work}' overlay '${parent}'`,
    `mkdir -p '${folder}'`,
  ];
}

export const namespacesExist = (at: Layout): boolean => isNamespace(at.netns) && isNamespace(at.mntns);

/** True for a file on which a namespace is mounted (and not the empty file that is made first). */
function isNamespace(file: string): boolean {
  const entry = mounts().find((mount) => mount.at === file);
  return entry?.type === "nsfs";
}

export function mounts(): { at: string; type: string }[] {
  if (!fs.existsSync("/proc/self/mounts")) return [];
  return fs
    .readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "))
    .map(([, at = "", type = ""]) => ({ at: at.replaceAll("\\040", " "), type }));
}

/** Undoes createNamespaces, however far it got. Processes must be gone by then. */
export function removeNamespaces(at: Layout): void {
  for (const { at: target } of mounts().reverse()) {
    if (target === at.run || target.startsWith(`${at.run}/`)) spawnSync("umount", ["-l", target]);
  }
  fs.rmSync(at.run, { recursive: true, force: true });
}

/** The command line that runs `argv` on the lab's network, with the host's files. */
export const enterNetwork = (at: Layout, argv: string[]): string[] => [
  "nsenter",
  `--net=${at.netns}`,
  "--",
  ...argv,
];

/** The command line that runs `argv` as one of the lab's own processes. */
export const enterLab = (at: Layout, argv: string[]): string[] => [
  "nsenter",
  `--net=${at.netns}`,
  `--mount=${at.mntns}`,
  "--",
  ...argv,
];
