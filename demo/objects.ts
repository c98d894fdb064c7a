import type { Context } from "../release/context";

/** Identity and generation of everything the environment owns: any change of a spec raises its generation. */
export async function ownedObjects({ cluster, at }: Context): Promise<Record<string, string>> {
  const { namespace } = at;
  const [deployments, services, configMaps] = await Promise.all([
    cluster.apps.listNamespacedDeployment({ namespace }),
    cluster.core.listNamespacedService({ namespace }),
    cluster.core.listNamespacedConfigMap({ namespace }),
  ]);
  const of = (
    kind: string,
    items: { metadata?: { name?: string; uid?: string; generation?: number; resourceVersion?: string } }[],
    mark: "generation" | "resourceVersion",
  ) =>
    items.map(({ metadata }) => [
      `${kind}/${metadata?.name}`,
      `${metadata?.uid} ${mark} ${metadata?.[mark]}`,
    ]);
  // Services and ConfigMaps have no generation, and nobody writes a status to them: their version must not move at all.
  return Object.fromEntries([
    ...of("Deployment", deployments.items, "generation"),
    ...of("Service", services.items, "resourceVersion"),
    ...of("ConfigMap", configMaps.items, "resourceVersion"),
  ]) as Record<string, string>;
}

export function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]);
}
