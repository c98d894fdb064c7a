import { generateKeyPairSync, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { PAUSE_IMAGE } from "./image";
import { INSIDE, type Layout, NETWORK } from "./layout";
import type { ClusterTools } from "./toolbelt";

/** Files that the lab's parts read. All of them are made anew for each lab: no key outlives it. */
export interface LabFiles {
  token: string;
  tokens: string;
  serviceAccountKey: string;
  serviceAccountPublic: string;
  certificates: string;
  containerd: string;
  kubelet: string;
}

export function writeConfig(at: Layout, tools: ClusterTools): LabFiles {
  const folder = path.join(at.state, "config");
  fs.mkdirSync(path.join(folder, "cni"), { recursive: true, mode: 0o700 });
  fs.mkdirSync(at.logs, { recursive: true });
  const write = (name: string, text: string) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const token = randomBytes(24).toString("hex");
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  write("cni/10-hitless.conflist", JSON.stringify(cniConfig()));
  return {
    token,
    tokens: write("tokens.csv", `${token},hitless,hitless,system:masters\n`),
    serviceAccountKey: write("sa.key", privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
    serviceAccountPublic: write("sa.pub", publicKey.export({ type: "spki", format: "pem" }).toString()),
    certificates: path.join(folder, "certificates"),
    containerd: write("containerd.toml", containerdConfig(at, tools, path.join(folder, "cni"))),
    kubelet: write("kubelet.json", JSON.stringify(kubeletConfig(at))),
  };
}

const cniConfig = () => ({
  cniVersion: "1.0.0",
  name: "hitless",
  plugins: [
    {
      type: "bridge",
      bridge: "pods0",
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: NETWORK.pods }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
  ],
});

/**
 * root by its name inside, as it becomes part of mount options: a checkout's own path may hold a comma.
 * restrict_oom_score_adj: without CAP_SYS_RESOURCE runc may not lower a score, and dies of trying.
 */
const containerdConfig = (at: Layout, tools: ClusterTools, cni: string) => `
version = 3
root = "${INSIDE}/containerd"
[plugins.'io.containerd.internal.v1.opt']
  path = ${JSON.stringify(path.join(at.state, "opt"))}
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = ${JSON.stringify(tools.runc.path)}
      SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = [${JSON.stringify(tools.cniDir)}]
    conf_dir = ${JSON.stringify(cni)}
[plugins.'io.containerd.cri.v1.images']
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = ${JSON.stringify(PAUSE_IMAGE)}
`;

const kubeletConfig = (at: Layout) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: "AlwaysAllow" },
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${at.cgroup}`,
  cgroupsPerQOS: true,
  enforceNodeAllocatable: ["pods"],
  containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
  failSwapOn: false,
  failCgroupV1: false,
  localStorageCapacityIsolation: false,
  resolvConf: "",
  clusterDomain: "cluster.local",
  healthzPort: NETWORK.kubeletHealthPort,
  evictionHard: { "memory.available": "50Mi" },
  imageGCHighThresholdPercent: 100,
  makeIPTablesUtilChains: true,
  volumePluginDir: "/var/lib/kubelet/volume-plugins",
  syncFrequency: "10s",
  nodeStatusUpdateFrequency: "5s",
  // Cluster start is a burst of image and pod calls; the defaults would pace it.
  kubeAPIQPS: 200,
  kubeAPIBurst: 400,
  serializeImagePulls: false,
});

export const kubeconfigText = (token: string, certificate: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "hitless-lab",
    clusters: [
      {
        name: "hitless-lab",
        cluster: {
          server: `https://${NETWORK.node}:${NETWORK.apiPort}`,
          "certificate-authority-data": certificate,
        },
      },
    ],
    users: [{ name: "hitless-lab", user: { token } }],
    contexts: [{ name: "hitless-lab", context: { cluster: "hitless-lab", user: "hitless-lab" } }],
  });
