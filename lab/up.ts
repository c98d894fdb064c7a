import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { HitlessError, unusable } from "../shared/errors";
import { acquire } from "./toolbelt/lock";
import { startTime } from "../shared/process";
import type { Progress } from "../shared/progress";
import { kubeconfigText, writeConfig } from "./config";
import { DAEMONS, type DaemonName, type Running, startDaemon, tail } from "./daemons";
import { clean, waiting } from "./down";
import { ensureImages } from "./image";
import { type Layout, layout } from "./layout";
import { createNamespaces, enterLab } from "./namespaces";
import { createCgroups, marker } from "./processes";
import { requireLab } from "./requirements";
import { readStatus } from "./status";
import { type ClusterTools, ensureCluster } from "./toolbelt";

export interface Lab {
  name: string;
  netns: string;
  kubeconfig: string;
}

/** How long any one part may take to come up before that counts as a failure. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/**
 * Brings the lab up, or finds it up. What a killed `up` or `down` left is cleaned first.
 * @throws HitlessError when this machine cannot run it, or when a part ends while it starts (with its last lines)
 */
export async function up({ progress, name }: { progress: Progress; name?: string }): Promise<Lab> {
  requireLab();
  const at = layout(name);
  const held = await acquire(at.lockDir, "hitless lab up", waiting(progress));
  try {
    const before = await readStatus(at);
    if (before.state !== "up") {
      const tools = await ensureCluster(progress);
      const images = ensureImages(tools.pause.path, progress);
      if (before.state === "partial") progress.note("cleaning what an earlier lab left");
      await clean(at);
      await start(at, tools, images, progress);
    }
    return { name: at.name, netns: at.netns, kubeconfig: at.kubeconfig };
  } finally {
    held.release();
  }
}

async function start(at: Layout, tools: ClusterTools, images: string, progress: Progress): Promise<void> {
  const step = progress.start("Start Kubernetes");
  try {
    fs.mkdirSync(at.temporary, { recursive: true });
    createNamespaces(at);
    createCgroups(at);
    const files = writeConfig(at, tools);
    linkKubectl(at, tools);
    const running = new Map<DaemonName, Running>();
    const begin = (...names: DaemonName[]) =>
      names.forEach((daemon) => running.set(daemon, startDaemon(daemon, at, files, tools)));
    const kube = (...args: string[]) =>
      succeeds(at, enterLab(at, [tools.kube.path, "kubectl", `--kubeconfig=${at.kubeconfig}`, ...args]));
    const until = (what: string, check: () => Promise<boolean> | boolean) => waitFor(what, check, running);

    begin("etcd", "containerd", "kube-apiserver");
    const imported = until("containerd", () => succeeds(at, enterLab(at, [tools.ctr.path, "version"]))).then(
      () =>
        until("the images", () =>
          succeeds(at, enterLab(at, [tools.ctr.path, "-n", "k8s.io", "images", "import", images])),
        ),
    );
    imported.catch(() => undefined);
    step.update("API server");
    const certificate = path.join(files.certificates, "apiserver.crt");
    await until(
      "the API server's certificate",
      () => fs.existsSync(certificate) && fs.statSync(certificate).size > 0,
    );
    fs.writeFileSync(
      at.kubeconfig,
      kubeconfigText(files.token, fs.readFileSync(certificate).toString("base64")),
      { mode: 0o600 },
    );
    await until("the API server", () => kube("get", "--raw", "/readyz"));
    begin("kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy");
    step.update("node");
    await imported;
    await until("the node", () => kube("wait", "--for=condition=Ready", `node/${at.name}`, "--timeout=1s"));
    await until("the default service account", () => kube("get", "serviceaccount", "default"));
    // Only a lab that came up whole has this file.
    fs.writeFileSync(
      path.join(at.state, "up.json"),
      JSON.stringify({ since: new Date().toISOString(), daemons: DAEMONS, path: tools.path }),
    );
    step.done();
  } catch (error) {
    step.fail();
    throw error instanceof HitlessError ? error : new Error("the lab did not come up", { cause: error });
  }
}

/** `kubectl` for those who work in the lab. */
function linkKubectl(at: Layout, tools: ClusterTools): void {
  const folder = path.join(at.state, "bin");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "kubectl"), `#!/bin/sh\nexec '${tools.kube.path}' kubectl "$@"\n`, {
    mode: 0o755,
  });
}

/** Whether a command of the lab's ends well. It finds nothing of the user's: no home, no kubeconfig. */
function succeeds(at: Layout, [command, ...args]: string[]): Promise<boolean> {
  const env = { ...marker(at), PATH: process.env["PATH"], HOME: at.state, TMPDIR: at.temporary };
  return new Promise((resolve) => {
    const child = spawn(command as string, args, { stdio: "ignore", env });
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}

async function waitFor(
  what: string,
  check: () => Promise<boolean> | boolean,
  running: Map<DaemonName, Running>,
): Promise<void> {
  const began = Date.now();
  while (!(await check())) {
    for (const daemon of running.values()) {
      if (startTime(daemon.pid) === undefined) {
        throw unusable(
          `${daemon.name} ended while the lab was starting; its last lines:\n${tail(daemon.log)}`,
        );
      }
    }
    if (Date.now() - began > PATIENCE_MS) {
      const logs = [...running.values()]
        .map((daemon) => `--- ${daemon.name}\n${tail(daemon.log, 3)}`)
        .join("\n");
      throw unusable(
        `${what} was not ready within ${PATIENCE_MS / 1000} s; last lines of each log:\n${logs}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
