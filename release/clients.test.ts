import assert from "node:assert/strict";
import type { Cluster } from "../components/live/cluster";
import { slotSchema } from "../infra/config";
import { slotSettings, workload } from "../infra/testing/settings";
import { countClients, gauge } from "./clients";

describe("a gauge", () => {
  it("is the sum over its labels", () =>
    assert.equal(gauge('open{kind="http"} 3\nopen{kind="ws"} 4\n', "open"), 7));
  it("is the value where it has no labels", () =>
    assert.equal(gauge("# TYPE open gauge\nopen 5", "open"), 5));
  it("is not another one that begins alike", () => assert.equal(gauge("open_total 5", "open"), undefined));
  it("may say when it was taken", () => assert.equal(gauge("open 5 1700000000000", "open"), 5));
  it("may have labels with spaces and brackets", () =>
    assert.equal(gauge('open{path="/a b} c"} 2', "open"), 2));
  it("may be written with an exponent", () => assert.equal(gauge("open 1.5e+03", "open"), 1500));
  it("is unknown where it is no number", () => assert.equal(gauge("open NaN", "open"), undefined));
  it("is zero where it says zero", () => assert.equal(gauge("open 0", "open"), 0));
});

describe("the clients of a slot", () => {
  const at = { app: "shop", environment: "dev", namespace: "shop-dev" };
  const config = (metrics: object | undefined, ports: object = { admin: 9000, http: 8080 }) =>
    slotSchema.parse({ ...slotSettings(), renewals: 0, workload: workload({ ports, metrics }) }).workload;
  interface Pod {
    says: string | Error;
    phase?: string;
    ending?: boolean;
  }
  const asked: string[] = [];
  const cluster = (pods: Pod[]): Cluster =>
    ({
      core: {
        listNamespacedPod: () =>
          Promise.resolve({
            items: pods.map(({ phase = "Running", ending }, index) => ({
              metadata: { name: String(index), ...(ending ? { deletionTimestamp: new Date() } : {}) },
              status: { phase },
            })),
          }),
        connectGetNamespacedPodProxyWithPath: ({ name, path }: { name: string; path: string }) => {
          asked.push(`${name}/${path}`);
          const says = pods[Number(name.split(":")[0])]?.says ?? "";
          return typeof says === "string" ? Promise.resolve(says) : Promise.reject(says);
        },
      },
    }) as unknown as Cluster;
  const count = (pods: Pod[], workload = config({ clients: "open" })) =>
    countClients(cluster(pods), at, "blue", workload);

  it("are those of all its pods, the ending ones included", async () =>
    assert.equal(await count([{ says: "open 2" }, { says: "open 3", ending: true }]), 5));
  it("are none where no pod runs", async () =>
    assert.equal(await count([{ says: "open 2", phase: "Pending" }]), 0));
  it("are unknown where a pod does not say", async () =>
    assert.equal(await count([{ says: "open 2" }, { says: "other 3" }]), null));
  it("are unknown where a pod does not answer, and no less where it is ending: it may have requests in flight", async () => {
    assert.equal(await count([{ says: "open 2" }, { says: new Error("refused") }]), null);
    assert.equal(await count([{ says: "open 2" }, { says: new Error("refused"), ending: true }]), null);
  });
  it("are unknown where no gauge is configured", async () =>
    assert.equal(await count([], config(undefined)), null));
  it("are asked for at the port http, or at the one that is named", async () => {
    asked.length = 0;
    await count([{ says: "open 1" }]);
    await count([{ says: "open 1" }], config({ clients: "open", port: "admin", path: "/m" }));
    assert.deepEqual(asked, ["0:8080/metrics", "0:9000/m"]);
  });
});
