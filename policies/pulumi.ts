import { type ResourceValidationArgs, UnknownValueError } from "@pulumi/policy";
import { UNKNOWN } from "./field";
import { Workload } from "./model";

/** Resource types that are read as a Deployment. The old API groups are what old charts still ask for. */
const DEPLOYMENTS = new Set([
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1beta1:Deployment",
  "kubernetes:apps/v1beta2:Deployment",
  "kubernetes:extensions/v1beta1:Deployment",
]);

const OUR_COMPONENT = "hitless:components:SlotWorkload";

/** The workload in a Pulumi resource, or nothing if it is none. Reads nothing that may be unknown. */
export function workloadOf(
  args: Pick<ResourceValidationArgs, "type" | "urn" | "name" | "props">,
): Workload | undefined {
  if (!DEPLOYMENTS.has(args.type)) return undefined;
  // urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME
  const [, , scope = ""] = args.urn.split(":");
  const types = args.urn.split("::")[2] ?? "";
  return new Workload(
    { kind: "Deployment", name: args.name, stack: scope, ours: types.split("$").includes(OUR_COMPONENT) },
    known(args.props),
  );
}

/**
 * The inputs as plain data. The policy SDK throws on touching a value that is not known in preview, and then takes the
 * whole policy for advisory; here it becomes a mark that only stops the rule that needs that very value.
 */
export function known(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => read(value, index));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.keys(value).map((key) => [key, read(value, key)]));
  }
  return value;
}

function read(parent: object, key: string | number): unknown {
  try {
    return known((parent as Record<string | number, unknown>)[key]);
  } catch (error) {
    if (error instanceof UnknownValueError) return UNKNOWN;
    throw error;
  }
}
