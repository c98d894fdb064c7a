import * as fs from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { editConfig, findProject, type Project, stackFile } from "../project";
import { ROOT } from "../../shared/paths";

const SHARED = ["infra", "policies", "components", "shared", "tools", "examples"];

/**
 * A drain short enough for many releases in one test run: the lab's kube-proxy is far quicker than the budget's 10 s.
 * What these times must be in earnest is the drain budget's business, not these tests'.
 */
const SHORT_DRAIN = {
  inFront: ["kube-proxy"],
  longestRequest: "2s",
  cleanup: "1s",
  lameDuck: "1s",
  propagation: "2s",
};

export interface TestProject extends Project {
  environment: string;
  url: string;
  edit(stack: "blue" | "green" | "traffic", settings: Record<string, unknown>): void;
  /** A setting as the stack's file has it. */
  read(stack: "blue" | "green" | "traffic", setting: string): unknown;
  text(stack: "blue" | "green" | "traffic"): string;
  write(stack: "blue" | "green" | "traffic", text: string): void;
}

/** A project with one environment of its own, made of the repository's program and the dev stacks' config. */
export function createTestProject(environment: string, nodePort: number): TestProject {
  const dir = path.join(ROOT, ".hitless", `test-${environment}`);
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(path.join(dir, "stacks"), { recursive: true });
  fs.copyFileSync(path.join(ROOT, "Pulumi.yaml"), path.join(dir, "Pulumi.yaml"));
  for (const folder of SHARED) fs.symlinkSync(path.join(ROOT, folder), path.join(dir, folder));
  const project = findProject(dir);
  const fileOf = (part: string) => stackFile(project, `${environment}-${part}`);
  for (const part of ["platform", "blue", "green", "traffic"]) {
    fs.copyFileSync(path.join(ROOT, "stacks", `Pulumi.dev-${part}.yaml`), fileOf(part));
    editConfig(project, fileOf(part), { environment, namespace: `shop-${environment}` });
  }
  const read = (part: string, setting: string): unknown =>
    (parseDocument(fs.readFileSync(fileOf(part), "utf8")).toJS() as { config: Record<string, unknown> })
      .config[`hitless:${setting}`];
  for (const slot of ["blue", "green"]) {
    editConfig(project, fileOf(slot), {
      workload: { ...(read(slot, "workload") as object), drain: SHORT_DRAIN },
      renewals: 0,
    });
  }
  editConfig(project, fileOf("traffic"), {
    service: { type: "NodePort", port: 80, targetPort: "http", nodePort },
    live: ["blue"],
    revisions: {},
    generation: 1,
  });
  return {
    ...project,
    environment,
    url: `http://127.0.0.1:${nodePort}`,
    edit: (stack, settings) => editConfig(project, fileOf(stack), settings),
    read,
    text: (stack) => fs.readFileSync(fileOf(stack), "utf8"),
    write: (stack, text) => fs.writeFileSync(fileOf(stack), text),
  };
}
