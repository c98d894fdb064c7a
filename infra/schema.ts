import { z } from "zod";
import { counter, name, plainText, port, portName, slot, version, wholeNumber } from "./kinds";
import { workloadSchema } from "./workload-schema";

const common = {
  environment: name.describe("The environment that the stack belongs to, such as `dev`."),
  app: name.describe("The application. Its objects are named after it."),
  namespace: name.describe("The Kubernetes namespace of its objects."),
};
const role = <Name extends string>(value: Name) => z.literal(value).describe("What the stack is.");

/** What slots stand on. */
export const platformSchema = z.strictObject({ role: role("platform"), ...common });
export type PlatformConfig = z.infer<typeof platformSchema>;

/** One whole copy of the application. */
export const slotSchema = z.strictObject({
  role: role("slot"),
  ...common,
  slot: slot.describe("Which of the two this is."),
  version: version.describe(
    "The release's name, part of its revision. Quote it where it looks like a number.",
  ),
  strategy: z
    .enum(["blue-green", "rolling"])
    .default("blue-green")
    .describe(
      "`blue-green` never touches the live slot's pods but to renew them; `rolling` updates them in place.",
    ),
  workload: workloadSchema.describe("What the slot runs."),
  renewals: counter(0)
    .default(0)
    .describe("Grows by one when the pods are to be renewed; less than live is refused."),
});
export type SlotConfig = z.infer<typeof slotSchema>;

/** Which slot gets which share. */
export const trafficSchema = z.strictObject({
  role: role("traffic"),
  ...common,
  service: z
    .strictObject({
      type: z
        .enum(["ClusterIP", "NodePort", "LoadBalancer"])
        .default("ClusterIP")
        .describe("The Service's type."),
      port: port.describe("The port that clients use."),
      targetPort: portName.describe("The name of the workload's port."),
      nodePort: wholeNumber(30000, 32767)
        .optional()
        .describe("The port on every node. Absent: the cluster picks one."),
      annotations: z.record(z.string(), plainText).default({}).describe("More annotations for the Service."),
    })
    .refine(({ type, nodePort }) => type !== "ClusterIP" || nodePort === undefined, {
      path: ["nodePort"],
      error: "nothing where type is ClusterIP",
    })
    .describe("The Service that clients reach."),
  live: z
    .array(slot)
    .min(1)
    .max(2)
    .refine((slots) => new Set(slots).size === slots.length, "each slot once")
    .describe("The slots that get traffic: one, or both while traffic moves."),
  revisions: z
    .strictObject({
      blue: plainText.optional().describe("What blue must run to get traffic."),
      green: plainText.optional().describe("What green must run to get traffic."),
    })
    .default({})
    .describe("The revision that each slot in `live` is pinned to."),
  capacity: wholeNumber(1, 1000)
    .optional()
    .describe(
      "Ready replicas that a slot needs to carry all traffic. Absent: what the first live slot wanted to have.",
    ),
  generation: counter(1).describe(
    "Grows by one with every change of this config; older than live is refused.",
  ),
});
export type TrafficConfig = z.infer<typeof trafficSchema>;

export const configSchema = z.discriminatedUnion("role", [platformSchema, slotSchema, trafficSchema]);
export type StackConfig = z.infer<typeof configSchema>;
