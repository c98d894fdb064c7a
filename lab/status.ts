import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { DAEMONS } from "./daemons";
import { type Layout, layout } from "./layout";
import { enterNetwork, namespacesExist } from "./namespaces";
import { cgroupFolders, type LabProcess, labProcesses } from "./processes";

export interface LabStatus {
  /** `partial`: something of a lab is there, but not all of it; the next `up` or `down` cleans it. */
  state: "up" | "down" | "partial";
  name: string;
  since?: string;
  netns: string;
  kubeconfig: string;
  processes: LabProcess[];
  /** Daemons that should run and do not. */
  missing: string[];
  /** What the cluster says of its node; absent unless asked for, and where the cluster does not answer. */
  node?: { ready: boolean; version: string };
}

/** What is there of a lab. Changes nothing, and needs no cluster that answers. */
export const readStatus = (at: Layout): Promise<LabStatus> => Promise.resolve(look(at));

export const status = (name?: string): Promise<LabStatus> => readStatus(layout(name));

/** `status` and what the cluster says of its node, which takes a tenth of a second more (two seconds if it hangs). */
export async function fullStatus(name?: string): Promise<LabStatus> {
  const at = layout(name);
  const seen = look(at);
  const node = seen.state === "down" ? undefined : await askForNode(at);
  return { ...seen, ...(node ? { node } : {}) };
}

interface Node {
  status: { conditions: { type: string; status: string }[]; nodeInfo: { kubeletVersion: string } };
}

function askForNode(at: Layout): Promise<LabStatus["node"]> {
  const kubectl = [path.join(at.state, "bin", "kubectl"), `--kubeconfig=${at.kubeconfig}`];
  const question = ["get", "--raw", `/api/v1/nodes/${at.name}`, "--request-timeout=2s"];
  const [command, ...args] = enterNetwork(at, [...kubectl, ...question]) as [string, ...string[]];
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 3_000, env: { PATH: process.env["PATH"] } }, (error, answer) => {
      if (error) return resolve(undefined);
      const { conditions, nodeInfo } = (JSON.parse(answer) as Node).status;
      const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
      resolve({ ready, version: nodeInfo.kubeletVersion });
    });
  });
}

function look(at: Layout): LabStatus {
  const processes = labProcesses(at);
  const running = new Set(processes.flatMap((one) => (one.inPod ? [] : [one.command])));
  const missing = DAEMONS.filter((daemon) => !running.has(daemon));
  const record = readRecord(at);
  const traces =
    processes.length > 0 || fs.existsSync(at.state) || fs.existsSync(at.run) || cgroupFolders(at).length > 0;
  const whole = record !== undefined && missing.length === 0 && namespacesExist(at);
  return {
    state: whole ? "up" : traces ? "partial" : "down",
    name: at.name,
    ...(record ? { since: record.since } : {}),
    netns: at.netns,
    kubeconfig: at.kubeconfig,
    processes,
    missing: traces ? missing : [],
  };
}

interface Record {
  since: string;
  path: string;
}

export function readRecord(at: Layout): Record | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(at.state, "up.json"), "utf8")) as Record;
  } catch {
    return undefined;
  }
}

export function renderStatus(status: LabStatus): string[] {
  const lines = [`lab ${status.name}: ${status.state}${status.since ? ` since ${status.since}` : ""}`];
  if (status.state === "down") return lines;
  if (status.missing.length > 0) lines.push(`not running: ${status.missing.join(", ")}`);
  if (status.state === "partial") lines.push("hitless lab up repairs it, hitless lab down removes it");
  lines.push(`kubeconfig:  ${status.kubeconfig}`, `network:     ${status.netns}`);
  if (status.node)
    lines.push(`node:        ${status.node.ready ? "ready" : "not ready"}, ${status.node.version}`);
  const daemons = status.processes.filter(
    (one) => !one.inPod && (DAEMONS as readonly string[]).includes(one.command),
  );
  for (const { command, pid } of daemons) lines.push(`  ${command.padEnd(24)} pid ${pid}`);
  lines.push(
    `  ${"in pods, and their shims".padEnd(24)} ${status.processes.length - daemons.length} processes`,
  );
  return lines;
}
