/** Every program Hitless runs that is not Node.js itself. */
export type ToolName =
  | "pulumi"
  | "pulumi-language-nodejs"
  | "pulumi-resource-kubernetes"
  | "kube"
  | "containerd"
  | "containerd-shim-runc-v2"
  | "ctr"
  | "runc"
  | "bridge"
  | "loopback"
  | "host-local"
  | "portmap"
  | "pause"
  | "iptables";

/**
 * Where a tool came from: the user's PATH or PULUMI_HOME; an earlier run (`cache`) or this one (`built`,
 * `download`, `package`: a Debian package unpacked into the cache, never installed); or this repository.
 */
export type Source = "PATH" | "PULUMI_HOME" | "cache" | "built" | "download" | "package" | "repository";

/** A tool that is there. */
export interface Tool {
  name: ToolName;
  /** Absolute path of the executable. */
  path: string;
  /** Without a leading `v`. `unknown` where a tool cannot say. */
  version: string;
  source: Source;
}

/** What runs Pulumi programs: the engine, the Kubernetes provider, the Node.js language host. */
export interface EngineTools {
  pulumi: Tool;
  provider: Tool;
  language: Tool;
  /**
   * The environment for `pulumi` and for the Automation API: our own PULUMI_HOME and file backend, the tools
   * first on PATH, and nothing of the user's login, stacks or kubeconfig (KUBECONFIG names a file that is not there: set it
   * to the cluster that is meant, or give it to the provider). HITLESS_BACKEND overrides the backend's URL;
   * the user's PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE is respected, else the passphrase is empty.
   */
  env(): NodeJS.ProcessEnv;
}

/** What runs the lab's cluster. */
export interface ClusterTools {
  /** etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, kube-proxy, kubectl: chosen by the first argument. */
  kube: Tool;
  containerd: Tool;
  shim: Tool;
  ctr: Tool;
  runc: Tool;
  /** Folder with the CNI plugins bridge, loopback, host-local and portmap. */
  cniDir: string;
  cni: Tool[];
  /** A static program that holds a pod's namespaces. */
  pause: Tool;
  iptables: Tool;
  /** Folders to put first on the PATH of kubelet, kube-proxy and containerd, joined with `:`. */
  path: string;
}

/** What `hitless lab doctor` says about one tool. */
export interface Finding {
  name: ToolName | "go" | "node";
  /** Absent: not there yet. */
  tool?: { path: string; version: string; source: string };
  /** What happens, or what to do, when it is not there. */
  note?: string;
}
