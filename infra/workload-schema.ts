import { z } from "zod";
import { ROUTER_NAMES } from "../components/drain";
import { fileKey } from "../components/workload/pods";
import {
  absolutePath,
  duration,
  intOrPercent,
  mountedFile,
  name,
  plainText,
  port,
  portName,
  someText,
  wholeNumber,
} from "./kinds";

const MAIN_PORT = "The name of one of the ports. Absent: `http`, or where there is none the first by name.";

const probe = z.strictObject({
  path: absolutePath.describe("What is asked."),
  port: portName.optional().describe(MAIN_PORT),
  period: duration.default("2s").describe("How often it is asked; whole seconds, rounded up."),
  timeout: duration.default("2s").describe("How long an answer may take; whole seconds, rounded up."),
  failureThreshold: wholeNumber(1, 100).default(3).describe("Failures in a row before it counts as failed."),
});
/** `false` leaves the probe out, which the policies then refuse. */
const maybeProbe = z.union([probe, z.literal(false)], "a probe such as { path: /readyz }, or false");

const SOURCES = ["emptyDir", "configMap", "secret", "persistentVolumeClaim"] as const;
const volume = z
  .strictObject({
    name: name.describe("Its name in the pod; not `files`."),
    mountPath: absolutePath.describe("Where it is mounted."),
    readOnly: z.boolean().default(false).describe("Whether the container may only read it."),
    emptyDir: z.strictObject({}).optional().describe("`{}`: a folder that lives as long as the pod."),
    configMap: name.optional().describe("The name of a ConfigMap."),
    secret: name.optional().describe("The name of a Secret."),
    persistentVolumeClaim: name.optional().describe("The name of a claim."),
  })
  .refine(
    (one) => SOURCES.filter((source) => one[source] !== undefined).length === 1,
    `exactly one of ${SOURCES.join(", ")}`,
  );

const unique = (values: string[]) => new Set(values).size === values.length;
/** Set by Hitless for every pod, out of the slot's own config. */
const RESERVED = [
  "HITLESS_SLOT",
  "HITLESS_VERSION",
  "HITLESS_SHUTDOWN",
  "HITLESS_LONGEST_REQUEST",
  "HITLESS_LAME_DUCK",
];

/** What one slot runs. docs/config.md is its reference page. */
export const workloadSchema = z
  .strictObject({
    image: someText.describe("The container's image."),
    command: z.array(plainText).optional().describe("Replaces the image's entry point."),
    args: z.array(plainText).optional().describe("Replaces the image's arguments."),
    ports: z
      .record(portName, port)
      .refine((ports) => Object.keys(ports).length > 0, "at least one named port")
      .describe(
        "Container ports by name. The traffic stack's `service.targetPort` names the one it sends to.",
      ),
    env: z
      .record(z.string(), plainText)
      .refine(
        (env) => !RESERVED.some((key) => key in env),
        `names other than ${RESERVED.join(", ")}, which Hitless sets itself`,
      )
      .default({})
      .describe("Environment variables. Numbers are quoted. What is secret belongs in `secrets`."),
    files: z
      .record(mountedFile, someText)
      .refine(
        (files) => unique(Object.keys(files).map(fileKey)),
        "paths that differ in more than '/' and '__'",
      )
      .default({})
      .describe("Files to mount: the path in the container, and the file's path from the project's folder."),
    volumes: z
      .array(volume)
      .refine(
        (volumes) => unique(["files", ...volumes.map((one) => one.name)]),
        "each name once, and not `files`",
      )
      .default([])
      .describe("Volumes to mount."),
    resources: z
      .strictObject({
        requests: z
          .record(z.string(), plainText)
          .optional()
          .describe("What is set aside, such as `{ cpu: 50m }`."),
        limits: z.record(z.string(), plainText).optional().describe("What it may use at most."),
      })
      .default({})
      .describe("CPU and memory, as Kubernetes writes them."),
    serviceAccount: name.optional().describe("The pods' service account."),
    replicas: wholeNumber(0, 1000).describe(
      "How many pods. The live slot keeps at least the capacity that traffic asks for.",
    ),
    probes: z
      .strictObject({
        readiness: maybeProbe.describe("Whether a pod may get requests."),
        liveness: maybeProbe.describe("Whether a container is restarted."),
        startup: maybeProbe.default(false).describe("Holds the other two back until it has passed."),
      })
      .describe("HTTP probes; `false` leaves one out."),
    rollout: z
      .strictObject({
        type: z
          .enum(["RollingUpdate", "Recreate"])
          .default("RollingUpdate")
          .describe("`Recreate` stops all pods first: never in a slot that is live."),
        maxSurge: intOrPercent.default(1).describe("Pods above `replicas` while one is replaced."),
        maxUnavailable: intOrPercent.default(0).describe("Pods that may be missing meanwhile."),
        deadline: duration
          .refine((value) => !/^[0.]+(ms|s|m|h)$/.test(value), "more than nothing, such as 2m")
          .default("2m")
          .describe("How long a rollout may take to become ready before it is given up with the reason."),
      })
      .prefault({})
      .describe("How pods of the slot are replaced."),
    drain: z
      .strictObject({
        inFront: z
          .array(z.enum(ROUTER_NAMES))
          .min(1)
          .default(["kube-proxy"])
          .describe("What routes requests to the pods; the slowest counts."),
        longestRequest: duration.default("30s").describe("The longest request that must still be answered."),
        cleanup: duration.default("1s").describe("What the app needs to close its own connections."),
        lameDuck: duration
          .default("2s")
          .describe("How long the app answers with `Connection: close` before it closes its listeners."),
        propagation: duration
          .optional()
          .describe(
            "Until the last newly routed request, where you measured it. Absent: by what is in front.",
          ),
      })
      .prefault({})
      .describe("The app's side of the drain budget, from which every time is derived."),
    metrics: z
      .strictObject({
        port: portName.optional().describe(MAIN_PORT),
        path: absolutePath.default("/metrics").describe("Where Prometheus metrics are."),
        clients: someText.describe("The gauge of connected clients."),
      })
      .optional()
      .describe("Where a pod says how many clients are connected. Absent: not known, and releases say so."),
  })
  .superRefine(({ ports, probes, metrics, rollout }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    const names = Object.keys(ports);
    const { readiness, liveness, startup } = probes;
    for (const [path, use] of [
      [["probes", "readiness"], readiness],
      [["probes", "liveness"], liveness],
      [["probes", "startup"], startup],
      [["metrics"], metrics],
    ] as const) {
      if (use && use.port !== undefined && !names.includes(use.port))
        refuse([...path, "port"], `one of the ports: ${names.join(", ")}`);
    }
    const none = (value: number | string) => Number.parseInt(String(value), 10) === 0;
    if (rollout.type === "RollingUpdate" && none(rollout.maxSurge) && none(rollout.maxUnavailable))
      refuse(["rollout", "maxSurge"], "more than 0 where maxUnavailable is 0: else no pod can be replaced");
  });
export type Workload = z.infer<typeof workloadSchema>;
