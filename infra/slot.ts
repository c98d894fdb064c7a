import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { drainBudget } from "../components/drain";
import type { LiveEnvironment } from "../components/live/environment";
import { SlotWorkload } from "../components/workload";
import { slotProblems } from "../components/workload/check";
import { digest, revisionOf } from "../components/workload/revision";
import { refused, type Problem } from "../shared/errors";
import type { SlotConfig } from "./config";

/** The texts of the files that the workload mounts, by their path in the container. */
export function readFiles(config: SlotConfig, project: string): Record<string, string> {
  const problems: Problem[] = [];
  const contents: Record<string, string> = {};
  for (const [target, source] of Object.entries(config.workload.files)) {
    try {
      contents[target] = fs.readFileSync(path.resolve(project, source), "utf8");
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      problems.push({
        where: `hitless:workload.files.${target}`,
        what: `cannot be read (${why})`,
        value: source,
        allowed: "a file, by its path from the project's folder",
      });
    }
  }
  if (problems.length > 0) throw refused("files of the workload are missing", problems);
  return contents;
}

/** Everything that shapes a pod; not the number of pods, nor how often they were renewed. */
export function slotRevision(
  config: SlotConfig,
  files: Record<string, string>,
  secrets: string | undefined,
): string {
  const { replicas: _replicas, rollout: _rollout, ...shape } = config.workload;
  return revisionOf(config.version, { ...shape, files, secrets: secrets && digest(secrets, 16) });
}

/** Registers one slot, or refuses before anything is registered. */
export function slot(config: SlotConfig, live: LiveEnvironment, project: string): Record<string, unknown> {
  const settings = new pulumi.Config();
  const files = readFiles(config, project);
  const budget = drainBudget({ ...config.workload.drain });
  const revision = slotRevision(config, files, settings.get("secrets"));
  const problems = slotProblems({ ...config, revision, replicas: config.workload.replicas }, live);
  if (problems.length > 0)
    throw refused(`slot ${config.slot} of ${config.environment} is not touched`, problems);
  const name = `${config.app}-${config.slot}`;
  const workload = new SlotWorkload(name, {
    ...config,
    revision,
    fileContents: files,
    secrets: settings.getSecretObject<Record<string, string>>("secrets"),
    budget,
  });
  return {
    slot: config.slot,
    version: config.version,
    image: config.workload.image,
    replicas: config.workload.replicas,
    drain: budget,
    metrics: config.workload.metrics,
    deployment: workload.deployment.metadata.name,
    // From the object, not from the config: absent until the update that carries it is through.
    revision: workload.deployment.spec.template.metadata.annotations.apply(() => revision),
  };
}
