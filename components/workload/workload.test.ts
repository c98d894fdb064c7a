import assert from "node:assert/strict";
import { drainBudget } from "../drain";
import { record, type Recording } from "../testing/recorder";
import type { WorkloadArgs } from "./args";
import { SlotWorkload, type SlotWorkloadArgs } from "./index";
import { fileKey, mainPort } from "./pods";

const workload: WorkloadArgs = {
  image: "node:20",
  command: ["node", "/app/shop.js"],
  ports: { http: 8080, admin: 9000 },
  env: { MODE: "full" },
  files: {},
  volumes: [],
  resources: { requests: { cpu: "50m" } },
  replicas: 3,
  probes: {
    readiness: { path: "/readyz", period: "500ms", timeout: "1500ms", failureThreshold: 2 },
    liveness: { path: "/livez", port: "admin", period: "5s", timeout: "2s", failureThreshold: 3 },
    startup: false,
  },
  rollout: { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0, deadline: "90s" },
  drain: {
    inFront: ["kube-proxy"],
    longestRequest: "5s",
    cleanup: "1s",
    lameDuck: "2s",
    propagation: "3500ms",
  },
};

const build = (changes: Partial<SlotWorkloadArgs> = {}): Promise<Recording> =>
  record(
    () =>
      new SlotWorkload("shop-green", {
        app: "shop",
        environment: "dev",
        namespace: "shop-dev",
        slot: "green",
        version: "v2",
        revision: "v2-ab12cd34",
        renewals: 3,
        workload,
        fileContents: {},
        budget: drainBudget(workload.drain),
        ...changes,
      }),
  );

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
interface Container {
  env: { name: string; value: string }[];
  envFrom?: { secretRef: { name: string } }[];
  readinessProbe?: object;
  livenessProbe?: object;
  startupProbe?: object;
  lifecycle: object;
  volumeMounts: object[];
}
interface DeploymentInputs {
  metadata: { name: string; namespace: string; labels: object; annotations: object };
  spec: {
    replicas: number;
    selector: object;
    strategy: object;
    progressDeadlineSeconds: number;
    template: {
      metadata: { labels: object; annotations: Record<string, string> };
      spec: { terminationGracePeriodSeconds: number; containers: [Container]; volumes: { name: string }[] };
    };
  };
}
const deploymentOf = (recording: Recording) =>
  recording.registered(DEPLOYMENT).inputs as unknown as DeploymentInputs;

describe("a slot's workload", () => {
  it("is one component with one Deployment, where there are no files and no secrets", async () => {
    const { all } = await build();
    assert.deepEqual(
      all.map(({ type, name, parent }) => [type, name, parent]),
      [
        ["hitless:components:SlotWorkload", "shop-green", ""],
        [DEPLOYMENT, "shop-green", "shop-green"],
      ],
    );
  });

  it("is protected, selects its own slot's pods, and is given up at its deadline", async () => {
    const recording = await build();
    const { protect, timeouts } = recording.registered(DEPLOYMENT);
    const { metadata, spec } = deploymentOf(recording);
    const labels = {
      "app.kubernetes.io/name": "shop",
      "hitless.dev/environment": "dev",
      "hitless.dev/slot": "green",
    };
    assert.equal(protect, true);
    assert.deepEqual(timeouts, { create: "95s", update: "95s" });
    assert.equal(spec.progressDeadlineSeconds, 90);
    assert.equal(spec.replicas, 3);
    assert.deepEqual(spec.strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
    assert.deepEqual(spec.selector, { matchLabels: labels });
    assert.deepEqual(spec.template.metadata.labels, labels);
    assert.deepEqual(
      { ...metadata, annotations: undefined },
      { name: "shop-green", namespace: "shop-dev", labels, annotations: undefined },
    );
  });

  it("takes every time from the drain budget: P 3.5 s is preStop 4, S is 2 + 5 + 1, G is 4 + 8 + 5", async () => {
    const { metadata, spec } = deploymentOf(await build());
    const times = {
      "hitless.dev/shutdown": "8s",
      "hitless.dev/longest-request": "5s",
      "hitless.dev/in-front": "kube-proxy",
    };
    const [container] = spec.template.spec.containers;
    assert.equal(spec.template.spec.terminationGracePeriodSeconds, 17);
    assert.deepEqual(container.lifecycle, { preStop: { sleep: { seconds: 4 } } });
    assert.deepEqual(metadata.annotations, times);
    assert.deepEqual(spec.template.metadata.annotations, {
      ...times,
      "hitless.dev/revision": "v2-ab12cd34",
      "hitless.dev/renewals": "3",
    });
    assert.deepEqual(Object.fromEntries(container.env.map(({ name, value }) => [name, value])), {
      HITLESS_SLOT: "green",
      HITLESS_VERSION: "v2",
      HITLESS_SHUTDOWN: "8s",
      HITLESS_LONGEST_REQUEST: "5s",
      HITLESS_LAME_DUCK: "2s",
      MODE: "full",
    });
  });

  it("asks its probes in whole seconds, never sooner than was said, and leaves out those that are false", async () => {
    const [container] = deploymentOf(await build()).spec.template.spec.containers;
    assert.deepEqual(container.readinessProbe, {
      httpGet: { path: "/readyz", port: "http" },
      periodSeconds: 1,
      timeoutSeconds: 2,
      failureThreshold: 2,
    });
    assert.deepEqual(container.livenessProbe, {
      httpGet: { path: "/livez", port: "admin" },
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 3,
    });
    assert.equal(container.startupProbe, undefined);
  });

  it("has no rolling parameters where all pods are recreated", async () => {
    const rollout = { ...workload.rollout, type: "Recreate" as const };
    const { spec } = deploymentOf(await build({ workload: { ...workload, rollout } }));
    assert.deepEqual(spec.strategy, { type: "Recreate" });
  });

  it("mounts its files out of a ConfigMap whose name says what is in it", async () => {
    const withFile = (text: string) =>
      build({
        workload: { ...workload, files: { "/app/shop.js": "dist/shop.js" } },
        fileContents: { "/app/shop.js": text },
      });
    const recording = await withFile("one");
    const { inputs } = recording.registered("kubernetes:core/v1:ConfigMap");
    const { name } = inputs["metadata"] as { name: string };
    assert.deepEqual(inputs["data"], { "app__shop.js": "one" });
    assert.equal(inputs["immutable"], true);
    assert.match(name, /^shop-green-files-[0-9a-f]{8}$/);
    const { spec } = deploymentOf(recording).spec.template;
    assert.deepEqual(spec.volumes, [{ name: "files", configMap: { name } }]);
    assert.deepEqual(spec.containers[0].volumeMounts, [
      { name: "files", mountPath: "/app/shop.js", subPath: "app__shop.js", readOnly: true },
    ]);
    const other = (await withFile("two")).registered("kubernetes:core/v1:ConfigMap").inputs["metadata"] as {
      name: string;
    };
    assert.notEqual(other.name, name);
  });

  it("keeps secrets secret: marked for the engine, and in no other object than their Secret", async () => {
    const recording = await build({ secrets: { TOKEN: "hunter2" }, secretsMark: "feedbeef" });
    const secret = recording.registered("kubernetes:core/v1:Secret");
    assert.deepEqual(secret.secretInputs, ["stringData"]);
    assert.deepEqual(secret.inputs["stringData"], { TOKEN: "hunter2" });
    const others = recording.all.filter((one) => one !== secret);
    assert.doesNotMatch(JSON.stringify(others), /hunter2/);
    const { template } = deploymentOf(recording).spec;
    assert.deepEqual(template.spec.containers[0].envFrom, [
      { secretRef: { name: "shop-green-env-feedbeef" } },
    ]);
    assert.equal(template.metadata.annotations["hitless.dev/secrets"], "feedbeef");
  });

  it("mounts volumes of every source", async () => {
    const volume = (name: string, source: object) => ({
      name,
      mountPath: `/${name}`,
      readOnly: true,
      ...source,
    });
    const volumes = [
      volume("a", { emptyDir: {} }),
      volume("b", { configMap: "settings" }),
      volume("c", { secret: "key" }),
      volume("d", { persistentVolumeClaim: "disk" }),
    ];
    const { spec } = deploymentOf(await build({ workload: { ...workload, volumes } })).spec.template;
    assert.deepEqual(spec.volumes, [
      { name: "a", emptyDir: {} },
      { name: "b", configMap: { name: "settings" } },
      { name: "c", secret: { secretName: "key" } },
      { name: "d", persistentVolumeClaim: { claimName: "disk" } },
    ]);
    assert.deepEqual(spec.containers[0].volumeMounts[0], { name: "a", mountPath: "/a", readOnly: true });
  });
});

describe("names that pods go by", () => {
  it("are the port http, or else the first by name, in whatever order they were written", () => {
    assert.equal(mainPort({ admin: 1, http: 2 }), "http");
    assert.equal(mainPort({ web: 1, admin: 2 }), "admin");
    assert.equal(mainPort({ admin: 2, web: 1 }), "admin");
  });

  it("are keys without slashes for files", () =>
    assert.equal(fileKey("/etc/app/a.json"), "etc__app__a.json"));
});
