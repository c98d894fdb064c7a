import * as fs from "node:fs";
import * as path from "node:path";
import type { V1Deployment } from "@kubernetes/client-node";
import { V1MicroTime } from "@kubernetes/client-node";
import { found } from "../components/live/cluster";
import type { Cluster } from "../components/live/cluster";
import { CLIENT_KINDS, forkProbe, type ProbeResult } from "../probe";
import { ROOT } from "../shared/paths";

const NAMESPACE = "naive";
const NAME = "naive";
const NODE_PORT = 30081;
const IMAGE = "node:20-bookworm-slim";

/**
 * The app as it is often written: ready probe and rolling update, but no preStop, and it exits at SIGTERM. Applied
 * without the policy pack (which would refuse it), in a namespace of its own.
 */
export async function deployNaive(cluster: Cluster): Promise<void> {
  const shop = fs.readFileSync(path.join(ROOT, "examples", "shop", "dist", "shop.js"), "utf8");
  const labels = { app: NAME };
  await cluster.core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
  await cluster.core.createNamespacedConfigMap({
    namespace: NAMESPACE,
    body: { metadata: { name: NAME }, data: { "shop.js": shop } },
  });
  await cluster.core.createNamespacedService({
    namespace: NAMESPACE,
    body: {
      metadata: { name: NAME },
      spec: {
        type: "NodePort",
        selector: labels,
        ports: [{ port: 80, targetPort: 8080, nodePort: NODE_PORT }],
      },
    },
  });
  await cluster.apps.createNamespacedDeployment({
    namespace: NAMESPACE,
    body: {
      metadata: { name: NAME },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: NAME,
                image: IMAGE,
                command: ["node", "/app/shop.js"],
                env: [
                  { name: "FAULT_EXIT_AT_SIGTERM", value: "1" },
                  { name: "HITLESS_SLOT", value: NAME },
                ],
                readinessProbe: { httpGet: { path: "/readyz", port: 8080 }, periodSeconds: 1 },
                volumeMounts: [{ name: "app", mountPath: "/app" }],
              },
            ],
            volumes: [{ name: "app", configMap: { name: NAME } }],
          },
        },
      },
    },
  });
  await untilRolledOut(cluster);
}

/** A rolling update of the naive app under the same load as the cutover's. */
export async function updateNaive(cluster: Cluster, rate: number): Promise<ProbeResult> {
  const probe = await forkProbe({ url: `http://127.0.0.1:${NODE_PORT}`, rate, clients: [...CLIENT_KINDS] });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const deployment = (await found(
    cluster.apps.readNamespacedDeployment({ namespace: NAMESPACE, name: NAME }),
  )) as V1Deployment;
  deployment.spec!.template.metadata!.annotations = { restartedAt: new V1MicroTime().toISOString() };
  await cluster.apps.replaceNamespacedDeployment({ namespace: NAMESPACE, name: NAME, body: deployment });
  await untilRolledOut(cluster);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return probe.stop();
}

const PATIENCE_MS = 90_000;

async function untilRolledOut(cluster: Cluster): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    const { metadata, spec, status } = await cluster.apps.readNamespacedDeployment({
      namespace: NAMESPACE,
      name: NAME,
    });
    const seen = status?.observedGeneration === metadata?.generation;
    if (
      seen &&
      status?.updatedReplicas === spec?.replicas &&
      status?.availableReplicas === spec?.replicas &&
      status?.replicas === spec?.replicas
    )
      return;
    if (Date.now() > until) throw new Error("the naive app did not become ready");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
