import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type DrainBudget, seconds } from "../drain";
import { type AppEnvironment, deploymentName, type Slot, slotLabels } from "../names";
import type { WorkloadArgs } from "./args";
import { fileKey, podTemplate, timingAnnotations } from "./pods";
import { digest } from "./revision";

export type { WorkloadArgs } from "./args";
export { revisionOf } from "./revision";

/** Time beyond the rollout's own deadline in which the engine waits for Kubernetes to report it. */
const REPORTING_SECONDS = 5;

/** An object and its name as the pods refer to it, known before the object is. */
interface Named {
  called: string;
  resource: pulumi.Resource;
}

export interface SlotWorkloadArgs extends AppEnvironment {
  slot: Slot;
  version: string;
  /** See revisionOf. */
  revision: string;
  /** Grows by one to renew the pods without any other change. */
  renewals: number;
  workload: WorkloadArgs;
  /** The contents of `workload.files`, by their path in the container. */
  fileContents: Record<string, string>;
  /** Changes when the secrets do; part of the Secret's name, so that a rollback finds its own. */
  secretsMark?: string | undefined;
  /** Environment variables whose values are secret. */
  secrets?: pulumi.Input<Record<string, string>> | undefined;
  budget: DrainBudget;
}

/**
 * One slot: a whole copy of the application, ready to take all traffic or none.
 *
 * The objects are protected: the engine refuses to delete or replace them. To take a slot down for good, first
 * move traffic off it, then `pulumi state unprotect`.
 *
 * @example
 * new SlotWorkload("shop-green", { app: "shop", environment: "dev", namespace: "shop-dev", slot: "green", ... });
 */
export class SlotWorkload extends pulumi.ComponentResource {
  readonly deployment: k8s.apps.v1.Deployment;

  constructor(name: string, args: SlotWorkloadArgs, options?: pulumi.ComponentResourceOptions) {
    super("hitless:components:SlotWorkload", name, {}, options);
    const data = Object.fromEntries(
      Object.entries(args.fileContents).map(([path, text]) => [fileKey(path), text]),
    );
    const files = Object.keys(data).length > 0 ? this.createFiles(name, args, data) : undefined;
    const secrets = args.secrets === undefined ? undefined : this.createSecrets(name, args, args.secrets);
    this.deployment = this.createDeployment(name, args, files, secrets);
    this.registerOutputs({ deployment: this.deployment.metadata.name });
  }

  /** The name carries a hash of the contents: running pods keep theirs, and a rollback finds its own again. */
  private createFiles(name: string, args: SlotWorkloadArgs, data: Record<string, string>): Named {
    const called = `${name}-files-${digest(data)}`;
    const options = { parent: this };
    return {
      called,
      resource: new k8s.core.v1.ConfigMap(
        `${name}-files`,
        { metadata: this.metadata(args, called), data, immutable: true },
        options,
      ),
    };
  }

  private createSecrets(
    name: string,
    args: SlotWorkloadArgs,
    values: pulumi.Input<Record<string, string>>,
  ): Named {
    const called = `${name}-env-${args.secretsMark}`;
    const inputs = { metadata: this.metadata(args, called), stringData: pulumi.secret(values) };
    return { called, resource: new k8s.core.v1.Secret(`${name}-env`, inputs, { parent: this }) };
  }

  private createDeployment(
    name: string,
    args: SlotWorkloadArgs,
    files: Named | undefined,
    secrets: Named | undefined,
  ): k8s.apps.v1.Deployment {
    const { workload, budget } = args;
    const labels = slotLabels(args, args.slot);
    const deadline = seconds(workload.rollout.deadline);
    const template = podTemplate({
      ...args,
      secretsMark: args.secretsMark,
      labels,
      filesFrom: files?.called,
      secretsFrom: secrets?.called,
    });
    const { type, maxSurge, maxUnavailable } = workload.rollout;
    return new k8s.apps.v1.Deployment(
      name,
      {
        metadata: {
          ...this.metadata(args, deploymentName(args.app, args.slot)),
          annotations: timingAnnotations(workload, budget),
        },
        spec: {
          replicas: workload.replicas,
          selector: { matchLabels: labels },
          progressDeadlineSeconds: Math.ceil(deadline),
          strategy: {
            type,
            ...(type === "RollingUpdate" ? { rollingUpdate: { maxSurge, maxUnavailable } } : {}),
          },
          template,
        },
      },
      {
        parent: this,
        protect: true,
        dependsOn: [files, secrets].flatMap((part) => (part ? [part.resource] : [])),
        customTimeouts: {
          create: `${deadline + REPORTING_SECONDS}s`,
          update: `${deadline + REPORTING_SECONDS}s`,
        },
      },
    );
  }

  private metadata(args: SlotWorkloadArgs, name: string) {
    return { name, namespace: args.namespace, labels: slotLabels(args, args.slot) };
  }
}
