import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { LabFiles } from "./config";
import { type Layout, NETWORK } from "./layout";
import { enterLab } from "./namespaces";
import { marker } from "./processes";
import type { ClusterTools } from "./toolbelt";

export const DAEMONS = [
  "etcd",
  "containerd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
] as const;
export type DaemonName = (typeof DAEMONS)[number];

/** The kernel's module br_netfilter: with it, what one pod sends to another over the bridge passes the firewall's rules. */
const bridgesAreFiltered = (): boolean => fs.existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables");

/** The command line of each of the lab's processes, without the program itself. */
export function daemonArgs(
  name: DaemonName,
  at: Layout,
  files: LabFiles,
  filtered = bridgesAreFiltered(),
): string[] {
  const kubeconfig = `--kubeconfig=${at.kubeconfig}`;
  switch (name) {
    case "etcd":
      // A lab's data is thrown away with the lab: it need not survive a power cut.
      return [
        `--data-dir=${path.join(at.state, "etcd")}`,
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
        "--log-level=warn",
      ];
    case "containerd":
      return [`--config=${files.containerd}`, "--log-level=warn"];
    case "kube-apiserver":
      return [
        "--etcd-servers=http://127.0.0.1:2379",
        "--bind-address=0.0.0.0",
        `--advertise-address=${NETWORK.node}`,
        `--secure-port=${NETWORK.apiPort}`,
        `--service-cluster-ip-range=${NETWORK.services}`,
        `--cert-dir=${files.certificates}`,
        `--token-auth-file=${files.tokens}`,
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        `--service-account-key-file=${files.serviceAccountPublic}`,
        `--service-account-signing-key-file=${files.serviceAccountKey}`,
        "--allow-privileged=true",
        // There is no DNS in the lab: nodes are reached by address.
        "--kubelet-preferred-address-types=InternalIP",
        "--profiling=false",
        "--shutdown-delay-duration=0s",
      ];
    case "kube-controller-manager":
      return [
        kubeconfig,
        "--leader-elect=false",
        `--service-account-private-key-file=${files.serviceAccountKey}`,
        `--root-ca-file=${path.join(files.certificates, "apiserver.crt")}`,
        `--cluster-cidr=${NETWORK.pods}`,
        `--service-cluster-ip-range=${NETWORK.services}`,
        "--kube-api-qps=200",
        "--kube-api-burst=400",
        `--cert-dir=${path.join(files.certificates, "kcm")}`,
      ];
    case "kube-scheduler":
      return [
        kubeconfig,
        `--authentication-kubeconfig=${at.kubeconfig}`,
        `--authorization-kubeconfig=${at.kubeconfig}`,
        "--leader-elect=false",
        `--cert-dir=${path.join(files.certificates, "scheduler")}`,
      ];
    case "kubelet":
      return [
        kubeconfig,
        `--config=${files.kubelet}`,
        `--node-ip=${NETWORK.node}`,
        `--hostname-override=${at.name}`,
        `--cert-dir=${path.join(files.certificates, "kubelet")}`,
      ];
    case "kube-proxy":
      return [
        kubeconfig,
        "--proxy-mode=iptables",
        // Else an answer would go over the bridge past the rules that turn a pod's address back into its Service's.
        ...(filtered ? [] : ["--masquerade-all"]),
        `--cluster-cidr=${NETWORK.pods}`,
        `--hostname-override=${at.name}`,
        // Reachable through the API server's node proxy: a cutover reads there when the rules were written.
        `--metrics-bind-address=${NETWORK.node}:${NETWORK.proxyMetricsPort}`,
        `--healthz-bind-address=127.0.0.1:${NETWORK.proxyHealthPort}`,
        `--nodeport-addresses=127.0.0.0/8,${NETWORK.node}/32`,
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0",
        "--conntrack-tcp-timeout-close-wait=0",
      ];
  }
}

export interface Running {
  name: DaemonName;
  pid: number;
  log: string;
}

/** Starts one process of the lab so that it outlives this one. Its output goes to a log of its own. */
export function startDaemon(name: DaemonName, at: Layout, files: LabFiles, tools: ClusterTools): Running {
  const program = name === "containerd" ? [tools.containerd.path] : [tools.kube.path, name];
  const [command, ...args] = enterLab(at, [...program, ...daemonArgs(name, at, files)]) as [
    string,
    ...string[],
  ];
  const log = path.join(at.logs, `${name}.log`);
  const output = fs.openSync(log, "a");
  const child = spawn(command, args, {
    detached: true,
    cwd: "/",
    stdio: ["ignore", output, output],
    env: {
      ...marker(at),
      PATH: `${tools.path}:${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
      HOME: at.state,
      TMPDIR: at.temporary,
    },
  });
  fs.closeSync(output);
  child.unref();
  child.on("error", (error) => fs.appendFileSync(log, `${error.message}\n`));
  return { name, pid: child.pid ?? 0, log };
}

/** The last lines of a log, for an error that shows why a process ended. */
export function tail(log: string, lines = 8): string {
  try {
    return fs.readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "(no log)";
  }
}
