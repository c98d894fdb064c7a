import * as k8s from "@kubernetes/client-node";

/** The Kubernetes calls Hitless makes itself: reads, and one Lease. Everything else is changed by the engine alone. */
export interface Cluster {
  readonly apps: k8s.AppsV1Api;
  readonly core: k8s.CoreV1Api;
  readonly discovery: k8s.DiscoveryV1Api;
  readonly coordination: k8s.CoordinationV1Api;
  readonly version: k8s.VersionApi;
}

/**
 * Connects to the cluster that KUBECONFIG names, which is also the one the engine's provider uses.
 * HITLESS_CONTEXT picks another context than the file's current one.
 */
export function connect(env: NodeJS.ProcessEnv = process.env): Cluster {
  const config = new k8s.KubeConfig();
  config.loadFromDefault();
  const context = env["HITLESS_CONTEXT"];
  if (context) config.setCurrentContext(context);
  return {
    apps: config.makeApiClient(k8s.AppsV1Api),
    core: config.makeApiClient(k8s.CoreV1Api),
    discovery: config.makeApiClient(k8s.DiscoveryV1Api),
    coordination: config.makeApiClient(k8s.CoordinationV1Api),
    version: config.makeApiClient(k8s.VersionApi),
  };
}

/** The HTTP status of an error that the API server answered with, or undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof k8s.ApiException ? error.code : undefined;
}

/** The result, or undefined where the API server says that there is no such object. */
export async function found<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
