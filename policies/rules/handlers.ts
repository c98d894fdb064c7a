import type { Field } from "../field";
import type { Container } from "../model";
import { passes, type Result, violation } from "../rule";

/** The ways in which Kubernetes can ask a container. */
export const PROBES = ["httpGet", "tcpSocket", "grpc", "exec"] as const;
/** The ways in which Kubernetes can run a preStop hook. */
export const HOOKS = ["sleep", "exec", "httpGet"] as const;

/** The first of the handlers that is set, and is an object as it must be. */
export function handlerOf(hook: Field, handlers: readonly string[]): Field | undefined {
  for (const name of handlers) {
    const handler = hook.at(name);
    if (!handler.missing) {
      handler.object();
      return handler;
    }
  }
  return undefined;
}

/** A violation if the container has no such probe, or one that does nothing. */
export function missingHandler(
  container: Container,
  probe: string,
  handlers: readonly string[],
  say: { required: string; fix: string },
): Result[] {
  const field = container.field.at(probe);
  const at = (actual: string) => violation({ path: field.path, actual, must: "have", ...say });
  if (field.missing) return at(`container ${container.name} has no ${probe}`);
  if (!handlerOf(field, handlers)) {
    return at(`${probe} of container ${container.name} has none of ${handlers.join(", ")}`);
  }
  return passes;
}
