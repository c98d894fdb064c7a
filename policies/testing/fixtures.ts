/** A Deployment that every rule passes, as plain JSON. */
export function passingDeployment() {
  const labels = {
    "app.kubernetes.io/name": "shop",
    "hitless.dev/environment": "prod",
    "hitless.dev/slot": "green",
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "shop-green",
      namespace: "shop-prod",
      labels,
      annotations: { "hitless.dev/shutdown": "8s" },
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: { ...labels } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: { ...labels }, annotations: { "hitless.dev/shutdown": "8s" } },
        spec: {
          terminationGracePeriodSeconds: 23,
          containers: [
            {
              name: "shop",
              image: "node:20",
              readinessProbe: { httpGet: { path: "/readyz", port: "http" } },
              livenessProbe: { httpGet: { path: "/livez", port: "http" } },
              lifecycle: { preStop: { sleep: { seconds: 10 } } },
            },
          ],
        },
      },
    },
  };
}

/** A copy of `object` with the value at `path` (as in `spec.containers[0].name`) replaced; `undefined` removes it. */
export function mutated<T extends object>(object: T, path: string, value: unknown): T {
  const copy = copyOf(object);
  const keys = pathKeys(path);
  const last = keys.pop() as string;
  let at = copy as Record<string, unknown>;
  for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

/** `a.b[0]["c.d/e"]` as its keys. */
const pathKeys = (path: string): string[] =>
  [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => (quoted ?? index ?? plain) as string,
  );

/** A deep copy that keeps symbols, which `structuredClone` refuses. */
function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf<unknown>(inner)])) as T;
}
