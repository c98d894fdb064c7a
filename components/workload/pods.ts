import type { types } from "@pulumi/kubernetes";
import { type DrainBudget, duration, seconds } from "../drain";
import { ANNOTATION, type Slot } from "../names";
import type { ProbeArgs, WorkloadArgs } from "./args";

/**
 * The port that is meant where none is named: `http`, or else the first by name. (Not the first as written: the
 * engine hands config over sorted.)
 */
export const mainPort = (ports: Record<string, number>): string =>
  "http" in ports ? "http" : (Object.keys(ports).sort()[0] ?? "http");

/** A probe in Kubernetes' own words. Periods and timeouts are whole seconds there: rounded up, at least one. */
function httpProbe(probe: ProbeArgs | false, main: string): types.input.core.v1.Probe | undefined {
  if (probe === false) return undefined;
  const whole = (text: string) => Math.max(1, Math.ceil(seconds(text)));
  return {
    httpGet: { path: probe.path, port: probe.port ?? main },
    periodSeconds: whole(probe.period),
    timeoutSeconds: whole(probe.timeout),
    failureThreshold: probe.failureThreshold,
  };
}

export interface PodInputs {
  app: string;
  slot: Slot;
  version: string;
  revision: string;
  renewals: number;
  secretsMark: string | undefined;
  labels: Record<string, string>;
  workload: WorkloadArgs;
  budget: DrainBudget;
  /** ConfigMap that holds `workload.files`, one key a file. */
  filesFrom?: string | undefined;
  /** Secret whose keys become environment variables. */
  secretsFrom?: string | undefined;
}

/** Annotations by which everybody else (policies, releases) learns what no Kubernetes field says. */
export function timingAnnotations(workload: WorkloadArgs, budget: DrainBudget): Record<string, string> {
  return {
    [ANNOTATION.shutdown]: duration(budget.shutdown),
    [ANNOTATION.longestRequest]: workload.drain.longestRequest,
    [ANNOTATION.inFront]: workload.drain.inFront.join(","),
  };
}

/** The key of a mounted file in its ConfigMap: paths hold slashes, keys may not. */
export const fileKey = (path: string): string => path.replace(/^\//, "").replaceAll("/", "__");

/** The pod template of one slot. Every time in it comes from the drain budget. */
export function podTemplate(inputs: PodInputs): types.input.core.v1.PodTemplateSpec {
  const { workload, budget } = inputs;
  const ports = Object.entries(workload.ports);
  const main = mainPort(workload.ports);
  const files = Object.keys(workload.files);
  return {
    metadata: {
      labels: inputs.labels,
      annotations: {
        ...timingAnnotations(workload, budget),
        [ANNOTATION.revision]: inputs.revision,
        [ANNOTATION.renewals]: String(inputs.renewals),
        ...(inputs.secretsMark ? { [ANNOTATION.secrets]: inputs.secretsMark } : {}),
      },
    },
    spec: {
      ...(workload.serviceAccount ? { serviceAccountName: workload.serviceAccount } : {}),
      terminationGracePeriodSeconds: budget.grace,
      containers: [
        {
          name: inputs.app,
          image: workload.image,
          ...(workload.command ? { command: workload.command } : {}),
          ...(workload.args ? { args: workload.args } : {}),
          ports: ports.map(([name, containerPort]) => ({ name, containerPort })),
          env: [
            ...Object.entries({
              HITLESS_SLOT: inputs.slot,
              HITLESS_VERSION: inputs.version,
              HITLESS_SHUTDOWN: duration(budget.shutdown),
              HITLESS_LONGEST_REQUEST: workload.drain.longestRequest,
              HITLESS_LAME_DUCK: workload.drain.lameDuck,
              ...workload.env,
            }).map(([name, value]) => ({ name, value })),
          ],
          ...(inputs.secretsFrom ? { envFrom: [{ secretRef: { name: inputs.secretsFrom } }] } : {}),
          resources: workload.resources,
          readinessProbe: httpProbe(workload.probes.readiness, main),
          livenessProbe: httpProbe(workload.probes.liveness, main),
          startupProbe: httpProbe(workload.probes.startup, main),
          // The kubelet's own sleep: it needs no shell in the image.
          lifecycle: { preStop: { sleep: { seconds: budget.preStop } } },
          volumeMounts: [
            ...files.map((path) => ({
              name: "files",
              mountPath: path,
              subPath: fileKey(path),
              readOnly: true,
            })),
            ...workload.volumes.map(({ name, mountPath, readOnly }) => ({ name, mountPath, readOnly })),
          ],
        },
      ],
      volumes: [
        ...(inputs.filesFrom ? [{ name: "files", configMap: { name: inputs.filesFrom } }] : []),
        ...workload.volumes.map(({ name, emptyDir, configMap, secret, persistentVolumeClaim }) => ({
          name,
          ...(emptyDir ? { emptyDir } : {}),
          ...(configMap ? { configMap: { name: configMap } } : {}),
          ...(secret ? { secret: { secretName: secret } } : {}),
          ...(persistentVolumeClaim ? { persistentVolumeClaim: { claimName: persistentVolumeClaim } } : {}),
        })),
      ],
    },
  };
}
