import { z } from "zod";
import { refused, type Problem } from "../shared/errors";

/** Lower-case names as Kubernetes takes them for labels and object names. */
const name = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/,
    "a lower-case name: letters, digits and '-', at most 42 characters",
  );
const duration = z
  .string()
  .regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, 'a duration with a unit, such as "500ms", "30s" or "1m30s"');
const port = z.number().int().min(1).max(65535);
const count = z.number().int().min(0).max(1000);
const intOrPercent = z.union([
  z.number().int().min(0),
  z.string().regex(/^\d+%$/, 'a number or a percentage such as "25%"'),
]);
const slot = z.enum(["blue", "green"]);

/** An HTTP probe. Times are durations; `false` in the workload leaves the probe out (which the policies then refuse). */
const probe = z.strictObject({
  path: z.string().startsWith("/"),
  /** The name of one of the workload's ports. Default: the first. */
  port: name.optional(),
  /** How often it is asked. Default 2 s. */
  period: duration.default("2s"),
  /** How long an answer may take. Default 2 s. */
  timeout: duration.default("2s"),
  /** Failures in a row before it counts as failed. Default 3. */
  failureThreshold: z.number().int().min(1).max(100).default(3),
});

const volume = z.strictObject({
  name,
  mountPath: z.string().startsWith("/"),
  readOnly: z.boolean().default(false),
  emptyDir: z.strictObject({}).optional(),
  configMap: name.optional(),
  secret: name.optional(),
  persistentVolumeClaim: name.optional(),
});

/** What one slot runs. docs/config.md is its reference page. */
export const workloadSchema = z.strictObject({
  image: z.string().min(1),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  /** Named container ports. The first is the one that traffic goes to. */
  ports: z.record(name, port).refine((ports) => Object.keys(ports).length > 0, "at least one named port"),
  env: z.record(z.string(), z.string()).default({}),
  /** Files to mount, by their path in the container; each value is a path from the project's folder. */
  files: z.record(z.string().startsWith("/"), z.string()).default({}),
  volumes: z
    .array(
      volume.refine(
        (v) =>
          [v.emptyDir, v.configMap, v.secret, v.persistentVolumeClaim].filter((x) => x !== undefined)
            .length === 1,
        "exactly one of emptyDir, configMap, secret, persistentVolumeClaim",
      ),
    )
    .default([]),
  resources: z
    .strictObject({
      requests: z.record(z.string(), z.string()).optional(),
      limits: z.record(z.string(), z.string()).optional(),
    })
    .default({}),
  serviceAccount: name.optional(),
  replicas: count,
  probes: z.strictObject({
    readiness: z.union([probe, z.literal(false)]),
    liveness: z.union([probe, z.literal(false)]),
    startup: z.union([probe, z.literal(false)]).default(false),
  }),
  /** How pods of the slot are replaced. Default: one more at a time, never one less. */
  rollout: z
    .strictObject({
      type: z.enum(["RollingUpdate", "Recreate"]).default("RollingUpdate"),
      maxSurge: intOrPercent.default(1),
      maxUnavailable: intOrPercent.default(0),
      /** How long a rollout may take to become ready before it is given up. Default 2 min. */
      deadline: duration.default("2m"),
    })
    .prefault({}),
  /** The app's side of the drain budget. */
  drain: z
    .strictObject({
      inFront: z.array(z.string()).min(1).default(["kube-proxy"]),
      longestRequest: duration.default("30s"),
      cleanup: duration.default("1s"),
      lameDuck: duration.default("2s"),
      /** Replaces the budget's P where the real one was measured. */
      propagation: duration.optional(),
    })
    .prefault({}),
  /** Where a pod says how many clients are connected. Absent: not known, and releases say so. */
  metrics: z
    .strictObject({
      port: name.optional(),
      path: z.string().startsWith("/").default("/metrics"),
      clients: z.string(),
    })
    .optional(),
});
export type Workload = z.infer<typeof workloadSchema>;

const common = {
  environment: name,
  app: name,
  namespace: name,
};

export const platformSchema = z.strictObject({ role: z.literal("platform"), ...common });
export type PlatformConfig = z.infer<typeof platformSchema>;

export const slotSchema = z.strictObject({
  role: z.literal("slot"),
  ...common,
  slot,
  /** The release's name, part of its revision. */
  version: z
    .string()
    .regex(
      /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,30}[A-Za-z0-9])?$/,
      "a version such as v1.2.3, at most 32 characters",
    ),
  /** blue-green never touches the live slot's pods but to renew them; rolling updates them in place. */
  strategy: z.enum(["blue-green", "rolling"]).default("blue-green"),
  workload: workloadSchema,
  /** Grows by one when the pods are to be renewed. */
  renewals: z.number().int().min(0).default(0),
});
export type SlotConfig = z.infer<typeof slotSchema>;

export const trafficSchema = z.strictObject({
  role: z.literal("traffic"),
  ...common,
  service: z.strictObject({
    type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).default("ClusterIP"),
    port,
    /** The name of the workload's port. */
    targetPort: name,
    nodePort: z.number().int().min(30000).max(32767).optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  /** The slots that get traffic: one, or both while traffic moves. */
  live: z
    .array(slot)
    .min(1)
    .max(2)
    .refine((slots) => new Set(slots).size === slots.length, "each slot once"),
  /** The revision of each slot that gets traffic. */
  revisions: z.strictObject({ blue: z.string().optional(), green: z.string().optional() }).default({}),
  /** Ready replicas a slot needs to carry all traffic. Default: what the slot that serves now wants to have. */
  capacity: z.number().int().min(1).max(1000).optional(),
  /** Grows by one with every change of this config; older than live is refused. */
  generation: z.number().int().min(1),
});
export type TrafficConfig = z.infer<typeof trafficSchema>;

export const configSchema = z.discriminatedUnion("role", [platformSchema, slotSchema, trafficSchema]);
export type StackConfig = z.infer<typeof configSchema>;

/** Keys that the program reads elsewhere: secrets stay Outputs, and never pass through validation messages. */
const SECRET_KEYS = new Set(["secrets"]);

/**
 * Validates one stack's config, given as the engine hands it over (each value a string, objects as JSON).
 * @param file the stack file, for the messages
 * @throws HitlessError with every problem at once
 */
export function parseStackConfig(raw: Record<string, string>, file: string): StackConfig {
  const values: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(raw)) {
    if (!SECRET_KEYS.has(key)) values[key] = parseValue(key, text);
  }
  const result = configSchema.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => explain(issue, values, file));
  throw refused(
    `${file}: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in the config`,
    problems,
  );
}

/** Settings that are text even where they look like a number: version 1.10 is not 1.1. */
const TEXT_KEYS = new Set(["version", "environment", "app", "namespace"]);

/** Config values are strings; what reads as JSON is meant as JSON, anything else is text. */
function parseValue(key: string, text: string): unknown {
  if (TEXT_KEYS.has(key)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, values: Record<string, unknown>, file: string): Problem[] {
  const at = (path: readonly PropertyKey[]) => `${file}, hitless:${path.map(String).join(".")}`;
  const seen = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    values,
  );
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        where: at([...issue.path, key]),
        what: "there is no such setting",
        fix: "remove it, or correct its name (docs/config.md lists them all)",
      }));
    case "invalid_union": {
      if (issue.path.length === 0) {
        return [
          {
            where: at(["role"]),
            what: "is not a role",
            value: values["role"] ?? "(absent)",
            allowed: "platform, slot or traffic",
          },
        ];
      }
      // The branch that came nearest says most: `false` or a probe, a number or a percentage.
      const nearest = [...(issue.errors ?? [])].sort((a, b) => depth(b) - depth(a))[0] ?? [];
      if (nearest.length && depth(nearest) > 0) {
        return nearest.flatMap((inner) =>
          explain({ ...inner, path: [...issue.path, ...inner.path] } as Issue, values, file),
        );
      }
      const allowed = (issue.errors ?? []).flat().map((inner) => plain(inner as Issue));
      return [
        {
          where: at(issue.path),
          what: "is not valid",
          value: seen ?? "(absent)",
          allowed: allowed.join(", or "),
        },
      ];
    }
    default:
      return [
        {
          where: at(issue.path),
          what: seen === undefined ? "is missing" : "is not valid",
          value: seen ?? "(absent)",
          allowed: plain(issue),
        },
      ];
  }
}

const depth = (issues: readonly { path: readonly PropertyKey[] }[]) =>
  Math.max(0, ...issues.map((issue) => issue.path.length));

function plain(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `a ${issue.expected === "int" ? "whole number" : issue.expected}`;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(", ");
    case "too_small":
      return issue.origin === "array" ? `at least ${issue.minimum} of them` : `${issue.minimum} or more`;
    case "too_big":
      return issue.origin === "array" ? `at most ${issue.maximum} of them` : `${issue.maximum} or less`;
    case "invalid_format":
      return issue.message.startsWith("Invalid")
        ? `text like ${"pattern" in issue ? String(issue.pattern) : issue.format}`
        : issue.message;
    default:
      return issue.message;
  }
}
