import * as pulumi from "@pulumi/pulumi";
import { drainBudget } from "../components/drain";
import type { LiveEnvironment } from "../components/live/environment";
import { SlotWorkload } from "../components/workload";
import { slotProblems } from "../components/workload/check";
import { digest } from "../components/workload/revision";
import { refused } from "../shared/errors";
import type { SlotConfig } from "./config";
import { readFiles, slotRevision } from "./revision";
import type { Secrets } from "./secrets";

/** Registers one slot, or refuses before anything is registered. */
export function slot(
  config: SlotConfig,
  live: LiveEnvironment,
  project: string,
  secrets?: Secrets,
): Record<string, unknown> {
  const files = readFiles(config, project);
  const budget = drainBudget({ ...config.workload.drain });
  const revision = slotRevision(config, files);
  // Tells that secrets changed, not what they are.
  const secretsMark = secrets === undefined ? undefined : digest([config.namespace, config.app, secrets]);
  const problems = slotProblems(
    {
      ...config,
      revision,
      secretsMark,
      replicas: config.workload.replicas,
      rollout: config.workload.rollout.type,
    },
    live,
  );
  if (problems.length > 0)
    throw refused(`slot ${config.slot} of ${config.environment} is not touched`, problems);
  const name = `${config.app}-${config.slot}`;
  const workload = new SlotWorkload(name, {
    ...config,
    revision,
    secretsMark,
    fileContents: files,
    secrets: secrets && pulumi.secret(secrets),
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
