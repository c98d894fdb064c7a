import assert from "node:assert/strict";
import { record } from "../testing/recorder";
import { SelectorTraffic, type SelectorTrafficArgs } from "./index";

const SERVICE = "kubernetes:core/v1:Service";
const build = (changes: Partial<SelectorTrafficArgs> = {}) =>
  record(
    () =>
      new SelectorTraffic("shop", {
        app: "shop",
        environment: "dev",
        namespace: "shop-dev",
        live: ["blue"],
        pins: { blue: "v1-11111111" },
        generation: 7,
        capacity: 2,
        service: { type: "ClusterIP", port: 80, targetPort: "http", annotations: {} },
        ...changes,
      }),
  );

const BOTH = { "app.kubernetes.io/name": "shop", "hitless.dev/environment": "dev" };

describe("traffic by selector", () => {
  it("is one component with one protected Service, which carries the config that it stands for", async () => {
    const recording = await build();
    assert.deepEqual(
      recording.all.map(({ type, name, parent, protect }) => [type, name, parent, protect]),
      [
        ["hitless:components:SelectorTraffic", "shop", "", false],
        [SERVICE, "shop", "shop", true],
      ],
    );
    assert.deepEqual(recording.registered(SERVICE).inputs["metadata"], {
      name: "shop",
      namespace: "shop-dev",
      labels: BOTH,
      annotations: {
        "pulumi.com/skipAwait": "true",
        "hitless.dev/generation": "7",
        "hitless.dev/pins": "blue=v1-11111111",
        "hitless.dev/capacity": "2",
      },
    });
  });

  const phases = [
    ["blue", ["blue"], { ...BOTH, "hitless.dev/slot": "blue" }],
    ["blue+green", ["blue", "green"], BOTH],
    ["green", ["green"], { ...BOTH, "hitless.dev/slot": "green" }],
  ] as const;
  for (const [phase, live, selector] of phases) {
    it(`selects in phase ${phase} exactly its pods`, async () => {
      const spec = (await build({ live: [...live] })).registered(SERVICE).inputs["spec"] as {
        selector: object;
      };
      assert.deepEqual(spec.selector, selector);
    });
  }

  it("keeps the node port that was asked for, and names none otherwise", async () => {
    const ports = async (service: Partial<SelectorTrafficArgs["service"]>) => {
      const all = { type: "NodePort", port: 80, targetPort: "http", annotations: {}, ...service } as const;
      return ((await build({ service: all })).registered(SERVICE).inputs["spec"] as { ports: object[] })
        .ports;
    };
    assert.deepEqual(await ports({ nodePort: 30080 }), [
      { name: "main", port: 80, targetPort: "http", nodePort: 30080 },
    ]);
    assert.deepEqual(await ports({}), [{ name: "main", port: 80, targetPort: "http" }]);
  });

  it("lets nobody's annotations replace its own", async () => {
    const annotations = { "hitless.dev/generation": "99", "example.com/zone": "a" };
    const service = { type: "ClusterIP", port: 80, targetPort: "http", annotations } as const;
    const metadata = (await build({ service })).registered(SERVICE).inputs["metadata"] as {
      annotations: object;
    };
    assert.equal((metadata.annotations as Record<string, string>)["hitless.dev/generation"], "7");
    assert.equal((metadata.annotations as Record<string, string>)["example.com/zone"], "a");
  });
});
