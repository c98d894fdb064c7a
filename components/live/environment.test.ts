import assert from "node:assert/strict";
import type { V1Deployment, V1DeploymentStatus, V1Service } from "@kubernetes/client-node";
import { environmentSelector, readSlot, readTraffic } from "./environment";

const deployment = (status: V1DeploymentStatus, generation = 5): V1Deployment => ({
  metadata: { uid: "u", generation },
  spec: {
    replicas: 2,
    selector: {},
    template: {
      metadata: { annotations: { "hitless.dev/revision": "v1-11111111", "hitless.dev/renewals": "3" } },
      spec: { containers: [{ name: "shop", image: "shop:1" }] },
    },
  },
  status,
});
const state = (status: V1DeploymentStatus) => {
  const { ready, settled } = readSlot(deployment({ observedGeneration: 5, ...status }));
  return { ready, settled };
};

describe("a slot read from the cluster", () => {
  it("is what its newest template says", () => {
    const slot = readSlot(
      deployment({ observedGeneration: 5, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
    );
    assert.deepEqual(slot, {
      uid: "u",
      revision: "v1-11111111",
      secretsMark: undefined,
      image: "shop:1",
      renewals: 3,
      desired: 2,
      ready: 2,
      settled: true,
    });
  });

  it("has no ready pod before the controller has seen the newest spec", () => {
    const status = { observedGeneration: 4, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    assert.equal(readSlot(deployment(status)).ready, 0);
    assert.equal(readSlot(deployment(status)).settled, false);
    assert.equal(readSlot(deployment(status, 4)).ready, 2);
  });

  it("has no ready pod where only those of an older template are available", () => {
    assert.deepEqual(state({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 }), {
      ready: 0,
      settled: false,
    });
    assert.deepEqual(state({ replicas: 2, updatedReplicas: 0, availableReplicas: 2 }), {
      ready: 0,
      settled: false,
    });
  });

  it("counts pods of the newest template beside older ones, as far as they are certain", () => {
    assert.deepEqual(state({ replicas: 3, updatedReplicas: 1, availableReplicas: 3 }), {
      ready: 1,
      settled: false,
    });
    assert.deepEqual(state({ replicas: 3, updatedReplicas: 2, availableReplicas: 2 }), {
      ready: 1,
      settled: false,
    });
  });

  it("is not settled while a pod is missing, or one too many is left", () => {
    assert.equal(state({ replicas: 2, updatedReplicas: 2, availableReplicas: 1 }).settled, false);
    assert.equal(state({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 }).settled, false);
  });

  it("is nothing much where the object says nothing", () => {
    const { ready, desired, revision } = readSlot({});
    assert.deepEqual({ ready, desired, revision }, { ready: 0, desired: 1, revision: undefined });
  });
});

describe("traffic read from the cluster", () => {
  const service = (selector: Record<string, string>, annotations = {}): V1Service => ({
    metadata: { uid: "u", resourceVersion: "9", annotations },
    spec: { selector, clusterIP: "10.0.0.1", ports: [{ port: 80, nodePort: 30080 }] },
  });

  it("has the slot that the selector names, or both where it names none", () => {
    assert.deepEqual(readTraffic(service({ "hitless.dev/slot": "green" })).live, ["green"]);
    assert.deepEqual(readTraffic(service({})).live, ["blue", "green"]);
    assert.deepEqual(readTraffic(service({ "hitless.dev/slot": "pink" })).live, []);
  });

  it("carries the config that was applied", () => {
    const { generation, capacity, pins, port } = readTraffic(
      service(
        {},
        { "hitless.dev/generation": "7", "hitless.dev/capacity": "3", "hitless.dev/pins": "blue=v1" },
      ),
    );
    assert.deepEqual(
      { generation, capacity, pins, port },
      { generation: 7, capacity: 3, pins: { blue: "v1" }, port: { port: 80, nodePort: 30080 } },
    );
  });

  it("asks for at least one replica where somebody broke the annotation", () => {
    for (const text of ["many", "", "-3", "NaN"]) {
      const { capacity } = readTraffic(service({}, { "hitless.dev/capacity": text }));
      assert.equal(capacity, 1, text);
    }
  });
});

describe("the selector of an environment's pods", () => {
  const at = { app: "shop", environment: "dev", namespace: "shop-dev" };
  it("is in the API server's words, for all pods or one slot's", () => {
    assert.equal(environmentSelector(at), "app.kubernetes.io/name=shop,hitless.dev/environment=dev");
    assert.match(environmentSelector(at, "blue"), /,hitless\.dev\/slot=blue$/);
  });
});
