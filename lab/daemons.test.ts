import assert from "node:assert/strict";
import type { LabFiles } from "./config";
import { kubeconfigText } from "./config";
import { DAEMONS, daemonArgs, tail } from "./daemons";
import { layout, NETWORK } from "./layout";

const at = layout("lab", "/checkout");
const config = `${at.state}/config`;
const files: LabFiles = {
  token: "secret-token",
  tokens: `${config}/tokens.csv`,
  serviceAccountKey: `${config}/sa.key`,
  serviceAccountPublic: `${config}/sa.pub`,
  certificates: `${config}/certificates`,
  containerd: `${config}/containerd.toml`,
  kubelet: `${config}/kubelet.json`,
};

describe("the lab's processes", () => {
  for (const name of DAEMONS) {
    const args = daemonArgs(name, at, files);

    it(`keep their files in the lab's folder: ${name}`, () => {
      const paths = args
        .map((arg) => arg.slice(arg.indexOf("=") + 1))
        .filter((value) => value.startsWith("/"));
      assert.deepEqual(
        paths.filter((file) => !file.startsWith(`${at.state}/`)),
        [],
      );
    });

    it(`never show a secret in the list of processes: ${name}`, () => {
      assert(!args.join(" ").includes(files.token));
    });

    it(`take no option twice: ${name}`, () => {
      const options = args.map((arg) => arg.split("=")[0]);
      assert.deepEqual(options, [...new Set(options)]);
    });
  }

  it("agree on the node's name", () => {
    for (const name of ["kubelet", "kube-proxy"] as const) {
      assert(daemonArgs(name, at, files).includes(`--hostname-override=${at.name}`));
    }
  });

  it("agree on the networks of pods and services", () => {
    const clusters = ["kube-controller-manager", "kube-proxy"] as const;
    for (const name of clusters)
      assert(daemonArgs(name, at, files).includes(`--cluster-cidr=${NETWORK.pods}`));
    for (const name of ["kube-controller-manager", "kube-apiserver"] as const) {
      assert(daemonArgs(name, at, files).includes(`--service-cluster-ip-range=${NETWORK.services}`));
    }
  });

  it("hide a pod's address from another's only where the kernel filters no bridges", () => {
    const hides = (filtered: boolean) =>
      daemonArgs("kube-proxy", at, files, filtered).includes("--masquerade-all");
    assert.deepEqual([hides(true), hides(false)], [false, true]);
  });

  it("leave the machine's connection tracking as it is", () => {
    assert(daemonArgs("kube-proxy", at, files).includes("--conntrack-max-per-core=0"));
  });

  it("are reached with a kubeconfig that names the lab's own address and checks its certificate", () => {
    const { clusters } = JSON.parse(kubeconfigText("token", "Y2VydA==")) as {
      clusters: { cluster: Record<string, string> }[];
    };
    assert.deepEqual(clusters[0]?.cluster, {
      server: `https://${NETWORK.node}:${NETWORK.apiPort}`,
      "certificate-authority-data": "Y2VydA==",
    });
  });

  it("say so where there is no log to show", () => {
    assert.equal(tail("/nowhere/at/all.log"), "(no log)");
  });
});
