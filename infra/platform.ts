import * as k8s from "@pulumi/kubernetes";
import type { PlatformConfig } from "./config";

/** What slots stand on. So far: a namespace. */
export function platform(config: PlatformConfig): Record<string, unknown> {
  const namespace = new k8s.core.v1.Namespace(
    config.namespace,
    { metadata: { name: config.namespace } },
    { protect: true },
  );
  return { namespace: namespace.metadata.name };
}
