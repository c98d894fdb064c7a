import type { ToolName } from "./types";

/** The versions Hitless is tested with. The Go modules in `modules/` and the npm packages pin the same ones. */
export const VERSIONS = {
  pulumi: "3.250.0",
  kubernetesProvider: "4.25.0",
  kubernetes: "1.34.4",
  containerd: "2.1.4",
  cni: "1.8.0",
} as const;

/** The oldest Pulumi of a user's own that is taken; of the same major version as the pinned one. */
export const OLDEST_PULUMI = "3.200.0";

/** Where the vendor publishes what we would otherwise build. */
export const VENDOR = {
  sdk: "https://get.pulumi.com/releases/sdk",
  plugins: "https://get.pulumi.com/releases/plugins",
  kubernetesReleases: "https://github.com/pulumi/pulumi-kubernetes/releases/download",
} as const;

/** One `go build` of a pinned module in `modules/`. */
export interface Build {
  /** Folder in `modules/`. */
  module: string;
  /** As shown to people. */
  title: string;
  version: string;
  /** Go packages to build; `tool` means all that the go.mod names as tools. */
  packages: string;
  binaries: ToolName[];
  cgo: boolean;
  tags?: string;
  /** Linker `-X` settings. */
  set?: Record<string, string>;
  /** A file that a dependency carries and our main embeds. */
  embed?: { module: string; file: string };
  /** Modules which the public checksum database does not know; the committed go.sum pins them. */
  unlisted?: string;
  /** What a cold build takes on two cores, in minutes. Only for what people are told. */
  minutes: number;
}

const kubernetesVersion = `v${VERSIONS.kubernetes}`;

export const BUILDS = {
  pulumi: {
    module: "pulumi",
    title: "Pulumi",
    version: VERSIONS.pulumi,
    packages: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    binaries: ["pulumi"],
    cgo: false,
    // The Automation API refuses an engine whose version it can't read.
    set: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${VERSIONS.pulumi}` },
    unlisted: "github.com/pulumi/*",
    minutes: 3,
  },
  provider: {
    module: "pulumi-kubernetes",
    title: "Pulumi's Kubernetes provider",
    version: VERSIONS.kubernetesProvider,
    packages: ".",
    binaries: ["pulumi-resource-kubernetes"],
    cgo: false,
    set: {
      "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": VERSIONS.kubernetesProvider,
    },
    embed: {
      module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
      file: "cmd/pulumi-resource-kubernetes/schema.json",
    },
    unlisted: "github.com/pulumi/*",
    minutes: 6,
  },
  kubernetes: {
    module: "kubernetes",
    title: "Kubernetes",
    version: VERSIONS.kubernetes,
    packages: ".",
    binaries: ["kube"],
    cgo: false,
    set: {
      "k8s.io/component-base/version.gitVersion": kubernetesVersion,
      "k8s.io/component-base/version.gitMajor": "1",
      "k8s.io/component-base/version.gitMinor": "34",
      "k8s.io/client-go/pkg/version.gitVersion": kubernetesVersion,
    },
    minutes: 5,
  },
  containerd: {
    module: "containerd",
    title: "containerd",
    version: VERSIONS.containerd,
    packages: "tool",
    binaries: ["containerd", "containerd-shim-runc-v2", "ctr"],
    cgo: false,
    tags: "no_btrfs,no_devmapper,no_zfs",
    minutes: 1,
  },
  cni: {
    module: "cni",
    title: "the CNI plugins",
    version: VERSIONS.cni,
    packages: "tool",
    binaries: ["bridge", "loopback", "host-local", "portmap"],
    cgo: false,
    minutes: 0.1,
  },
  pause: {
    module: "pause",
    title: "the pods' pause program",
    version: "1",
    packages: ".",
    binaries: ["pause"],
    cgo: false,
    minutes: 0.1,
  },
} as const satisfies Record<string, Build>;
