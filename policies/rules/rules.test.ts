import assert from "node:assert/strict";
import { mutated, passingDeployment } from "../fixtures";
import { UNKNOWN } from "../field";
import { type Origin, Workload } from "../model";
import { judge, message, type NotDeterminable, type Settings, type Violation } from "../rule";
import { RULES } from ".";

const SETTINGS: Settings = { production: ["prod", "production"], margin: 5 };
const CONTAINER = "spec.template.spec.containers[0]";
const ROLLING = "spec.strategy.rollingUpdate";
const SLOT = 'labels["hitless.dev/slot"]';
const GRACE = "spec.template.spec.terminationGracePeriodSeconds";

interface Said {
  violations: Record<string, string[]>;
  undetermined: Record<string, string[]>;
}

/** What all rules say of one manifest, by rule. */
function say(manifest: unknown, settings: Settings = SETTINGS, origin: Partial<Origin> = {}): Said {
  const workload = new Workload({ kind: "Deployment", name: "resource-name", ...origin }, manifest);
  const said: Said = { violations: {}, undetermined: {} };
  for (const rule of RULES) {
    for (const one of judge(rule, workload, settings)) {
      if (one.is === "not-applicable") continue;
      const into = one.is === "violation" ? said.violations : said.undetermined;
      (into[rule.id] ??= []).push(message(rule, workload, one satisfies Violation | NotDeterminable));
    }
  }
  return said;
}

const change = (...changes: [path: string, value: unknown][]) =>
  changes.reduce((object, [path, value]) => mutated(object, path, value), passingDeployment());

/** One field changed, the rule that refuses it, and its words. */
const REFUSED: [claim: string, path: string, value: unknown, rule: string, words: string | string[]][] = [
  [
    "no readiness probe",
    `${CONTAINER}.readinessProbe`,
    undefined,
    "readiness-probe",
    "container shop has no readinessProbe; it must have one that succeeds only while the container can answer requests. Fix: add readinessProbe, such as httpGet of /readyz.",
  ],
  [
    "a readiness probe that asks nothing",
    `${CONTAINER}.readinessProbe`,
    { periodSeconds: 1 },
    "readiness-probe",
    "readinessProbe of container shop has none of httpGet, tcpSocket, grpc, exec; it must have one that succeeds only while the container can answer requests. Fix: add readinessProbe, such as httpGet of /readyz.",
  ],
  [
    "no liveness probe",
    `${CONTAINER}.livenessProbe`,
    undefined,
    "liveness-probe",
    "container shop has no livenessProbe; it must have one that fails only when a restart would help. Fix: add livenessProbe, such as httpGet of /livez.",
  ],
  [
    "maxUnavailable 1",
    `${ROLLING}.maxUnavailable`,
    1,
    "max-unavailable",
    "maxUnavailable is 1; it must be 0. Fix: set spec.strategy.rollingUpdate.maxUnavailable to 0.",
  ],
  [
    'maxUnavailable "10%"',
    `${ROLLING}.maxUnavailable`,
    "10%",
    "max-unavailable",
    "maxUnavailable is 10%; it must be 0. Fix: set spec.strategy.rollingUpdate.maxUnavailable to 0.",
  ],
  [
    "no maxUnavailable: 25% by default",
    `${ROLLING}.maxUnavailable`,
    undefined,
    "max-unavailable",
    "maxUnavailable is not set, which means 25%; it must be 0. Fix: set spec.strategy.rollingUpdate.maxUnavailable to 0.",
  ],
  [
    "no strategy at all",
    "spec.strategy",
    undefined,
    "max-unavailable",
    "maxUnavailable is not set, which means 25%; it must be 0. Fix: set spec.strategy.rollingUpdate.maxUnavailable to 0.",
  ],
  [
    "maxUnavailable of a type that Kubernetes does not take",
    `${ROLLING}.maxUnavailable`,
    "0",
    "max-unavailable",
    'could not be read: spec.strategy.rollingUpdate.maxUnavailable is a string; it must be a number or a percentage such as "25%". Fix: make spec.strategy.rollingUpdate.maxUnavailable a number or a percentage such as "25%".',
  ],
  [
    "maxSurge 0",
    `${ROLLING}.maxSurge`,
    0,
    "max-surge",
    "maxSurge is 0; it must be 1 or more. Fix: set spec.strategy.rollingUpdate.maxSurge to 1 or more.",
  ],
  [
    'maxSurge "0%"',
    `${ROLLING}.maxSurge`,
    "0%",
    "max-surge",
    "maxSurge is 0%; it must be 1 or more. Fix: set spec.strategy.rollingUpdate.maxSurge to 1 or more.",
  ],
  [
    "no preStop hook",
    `${CONTAINER}.lifecycle`,
    undefined,
    "pre-stop",
    "container shop has no preStop hook; it must have one that lasts until no router sends new requests any more. Fix: add lifecycle.preStop.sleep.seconds of at least the propagation time of what is in front (10 for kube-proxy).",
  ],
  [
    "a preStop hook of no time",
    `${CONTAINER}.lifecycle.preStop.sleep.seconds`,
    0,
    "pre-stop",
    "preStop of container shop sleeps 0 s; it must have one that lasts until no router sends new requests any more. Fix: add lifecycle.preStop.sleep.seconds of at least the propagation time of what is in front (10 for kube-proxy).",
  ],
  [
    "a preStop hook that does nothing",
    `${CONTAINER}.lifecycle.preStop`,
    { tcpSocket: { port: 1 } },
    "pre-stop",
    "preStop of container shop has none of sleep, exec, httpGet; it must have one that lasts until no router sends new requests any more. Fix: add lifecycle.preStop.sleep.seconds of at least the propagation time of what is in front (10 for kube-proxy).",
  ],
  [
    "a grace period one second too short",
    GRACE,
    22,
    "grace-period",
    "terminationGracePeriodSeconds is 22; it must be 23 or more (preStop 10 s + shutdown 8 s + margin 5 s). Fix: set spec.template.spec.terminationGracePeriodSeconds to 23.",
  ],
  [
    "a shutdown time that the grace period cannot hold",
    'metadata.annotations["hitless.dev/shutdown"]',
    "8500ms",
    "grace-period",
    "terminationGracePeriodSeconds is 23; it must be 24 or more (preStop 10 s + shutdown 8.5 s + margin 5 s). Fix: set spec.template.spec.terminationGracePeriodSeconds to 24.",
  ],
  [
    "a shutdown time without a unit",
    'metadata.annotations["hitless.dev/shutdown"]',
    "8",
    "grace-period",
    'could not be read: metadata.annotations["hitless.dev/shutdown"] is "8"; it must be a duration such as "30s". Fix: make metadata.annotations["hitless.dev/shutdown"] a duration such as "30s".',
  ],
  [
    "Recreate in production",
    "spec.strategy",
    { type: "Recreate" },
    "recreate",
    "strategy is Recreate in environment prod; it must be RollingUpdate. Fix: set spec.strategy.type to RollingUpdate, or label the object hitless.dev/environment if it is not production.",
  ],
  [
    "a slot that the selector does not name",
    'spec.selector.matchLabels["hitless.dev/slot"]',
    undefined,
    "slot-label",
    "spec.selector.matchLabels has no hitless.dev/slot; it must be green. Fix: set hitless.dev/slot in spec.selector.matchLabels to green.",
  ],
  [
    "a pod template of the other slot",
    `spec.template.metadata.${SLOT}`,
    "blue",
    "slot-label",
    "hitless.dev/slot in spec.template.metadata.labels is blue; it must be green. Fix: set hitless.dev/slot in spec.template.metadata.labels to green.",
  ],
  [
    "a slot that does not exist",
    `metadata.${SLOT}`,
    "purple",
    "slot-label",
    "hitless.dev/slot in metadata.labels is purple; it must be green. Fix: set hitless.dev/slot in metadata.labels to green.",
  ],
];

describe("the rules", () => {
  it("all pass the fixture", () => {
    assert.deepEqual(say(passingDeployment()), { violations: {}, undetermined: {} });
  });

  for (const [claim, path, value, rule, words] of REFUSED) {
    it(`refuse ${claim}, by ${rule} alone and in these words`, () => {
      assert.deepEqual(say(change([path, value])), {
        violations: {
          [rule]: [words]
            .flat()
            .map((text) => `Deployment shop-prod/shop-green: ${text} See docs/policies.md#${rule}`),
        },
        undetermined: {},
      });
    });
  }

  it("have a refused mutation each", () => {
    assert.deepEqual(
      RULES.map(({ id }) => id).filter((id) => !REFUSED.some(([, , , rule]) => rule === id)),
      [],
    );
  });

  const PASSED: [claim: string, path: string, value: unknown][] = [
    ['maxUnavailable "0%"', `${ROLLING}.maxUnavailable`, "0%"],
    ["no maxSurge: 25% by default, rounded up", `${ROLLING}.maxSurge`, undefined],
    ['maxSurge "1%": rounded up', `${ROLLING}.maxSurge`, "1%"],
    ["a grpc readiness probe", `${CONTAINER}.readinessProbe`, { grpc: { port: 1 } }],
    ["a null where a field may be missing", "spec.strategy.type", null],
    ["no slot label on the object itself", `metadata.${SLOT}`, undefined],
    ["a longer grace period", GRACE, 600],
    ["the default grace period of 30 s where it is enough", GRACE, undefined],
    ["a shutdown time that only the pod template says", "metadata.annotations", undefined],
    [
      "a selector that names the slot in an expression",
      "spec.selector",
      { matchExpressions: [{ key: "hitless.dev/slot", operator: "In", values: ["green"] }] },
    ],
  ];
  for (const [claim, path, value] of PASSED) {
    it(`pass ${claim}`, () =>
      assert.deepEqual(say(change([path, value])), { violations: {}, undetermined: {} }));
  }

  it("judge every container by itself", () => {
    const { violations } = say(
      change(["spec.template.spec.containers[1]", { image: "proxy" }], [`${CONTAINER}.livenessProbe`, 7]),
    );
    assert.deepEqual(Object.keys(violations), ["readiness-probe", "liveness-probe", "pre-stop"]);
    assert.match(violations["readiness-probe"]?.[0] ?? "", /container #2 has no readinessProbe/);
    assert.match(violations["liveness-probe"]?.[0] ?? "", /livenessProbe is a number/);
    assert.match(violations["liveness-probe"]?.[1] ?? "", /container #2 has no livenessProbe/);
  });
});

describe("grace-period", () => {
  const only = (...changes: [string, unknown][]) => say(change(...changes));

  it("says not determinable when nothing says the shutdown time, and takes it from the pack's config", () => {
    const silent = change(
      ["metadata.annotations", undefined],
      ["spec.template.metadata.annotations", undefined],
    );
    assert.deepEqual(say(silent), {
      violations: {},
      undetermined: {
        "grace-period": [
          'Deployment shop-prod/shop-green: grace-period is not determinable: nothing says how long the app takes to shut down after SIGTERM. Set annotation hitless.dev/shutdown such as "12s", or grace-period.shutdown in the pack\'s config. See docs/policies.md#grace-period',
        ],
      },
    });
    assert.deepEqual(say(silent, { ...SETTINGS, shutdown: 8 }), { violations: {}, undetermined: {} });
    assert.deepEqual(Object.keys(say(silent, { ...SETTINGS, shutdown: 9 }).violations), ["grace-period"]);
  });

  for (const hook of [{ exec: { command: ["sleep", "10"] } }, { httpGet: { path: "/drain", port: 80 } }]) {
    it(`knows the time of a preStop hook of type ${Object.keys(hook)[0]} from the annotation only`, () => {
      const hooked = (...more: [string, unknown][]) =>
        only([`${CONTAINER}.lifecycle.preStop`, hook], ...more);
      assert.deepEqual(Object.keys(hooked().undetermined), ["grace-period"]);
      const said = 'metadata.annotations["hitless.dev/pre-stop"]';
      assert.deepEqual(hooked([said, "10s"]), { violations: {}, undetermined: {} });
      assert.deepEqual(Object.keys(hooked([said, "11s"]).violations), ["grace-period"]);
    });
  }

  it("does not let the annotation make a hook shorter than its own sleep", () => {
    const { violations } = only(
      ['metadata.annotations["hitless.dev/pre-stop"]', "1s"],
      [`${CONTAINER}.lifecycle.preStop.sleep.seconds`, 11],
    );
    assert.deepEqual(Object.keys(violations), ["grace-period"]);
  });

  it("counts Kubernetes' 30 s where no grace period is set, and says so", () => {
    const { violations } = only([GRACE, undefined], ['metadata.annotations["hitless.dev/shutdown"]', "16s"]);
    assert.match(
      violations["grace-period"]?.[0] ?? "",
      /terminationGracePeriodSeconds is not set, which means 30; it must be 31 or more/,
    );
  });

  it("takes the margin from the settings", () => {
    assert.deepEqual(Object.keys(say(passingDeployment(), { ...SETTINGS, margin: 6 }).violations), [
      "grace-period",
    ]);
  });
});

describe("Recreate", () => {
  const ENVIRONMENT = 'metadata.labels["hitless.dev/environment"]';
  const recreating = (environment: unknown, origin: Partial<Origin> = {}) =>
    Object.keys(
      say(change(["spec.strategy", { type: "Recreate" }], [ENVIRONMENT, environment]), SETTINGS, origin)
        .violations,
    );

  it("is allowed in dev, where maxSurge and maxUnavailable then do not apply", () =>
    assert.deepEqual(recreating("dev"), []));
  it("is refused in production, by any of its names", () => {
    assert.deepEqual(recreating("prod"), ["recreate"]);
    assert.deepEqual(recreating("production"), ["recreate"]);
  });
  it("is refused where no environment is named", () => {
    assert.deepEqual(recreating(undefined), ["recreate"]);
    assert.deepEqual(recreating(""), ["recreate"]);
  });
  it("is refused in a production stack, whatever the label says", () => {
    assert.deepEqual(recreating("dev", { stack: "prod-green" }), ["recreate"]);
    assert.deepEqual(recreating("dev", { stack: "prod" }), ["recreate"]);
    assert.deepEqual(recreating("dev", { stack: "product-search" }), []);
  });
  it("and an unknown strategy could not be read", () =>
    assert.deepEqual(Object.keys(say(change(["spec.strategy.type", "Sideways"])).violations), [
      "max-unavailable",
      "max-surge",
      "recreate",
    ]));
});

describe("slot-label", () => {
  const bare = change(
    ["metadata.labels", undefined],
    ["spec.selector.matchLabels", { app: "cache" }],
    ["spec.template.metadata.labels", { app: "cache" }],
  );

  it("leaves alone what has nothing to do with slots", () => assert.deepEqual(say(bare).violations, {}));
  it("asks both labels of what our own component makes", () =>
    assert.equal(say(bare, SETTINGS, { ours: true }).violations["slot-label"]?.length, 2));
  it("asks both labels of what names an environment", () =>
    assert.equal(
      say(mutated(bare, 'metadata.labels["hitless.dev/environment"]', "dev")).violations["slot-label"]
        ?.length,
      2,
    ));
});

describe("values not known in preview", () => {
  it("stop only the rule that needs them", () => {
    assert.deepEqual(Object.keys(say(change([GRACE, UNKNOWN])).undetermined), ["grace-period"]);
    assert.deepEqual(Object.keys(say(change([`${CONTAINER}.image`, UNKNOWN])).undetermined), []);
    assert.deepEqual(say(change([`${CONTAINER}.readinessProbe`, UNKNOWN])).undetermined, {
      "readiness-probe": [
        "Deployment shop-prod/shop-green: readiness-probe is not determinable: spec.template.spec.containers[0].readinessProbe is not known in preview. The update checks it again, when the value is known. See docs/policies.md#readiness-probe",
      ],
    });
  });

  it("do not hide what is wrong beside them", () => {
    const { violations, undetermined } = say(
      change(
        [`${CONTAINER}.readinessProbe`, UNKNOWN],
        ["spec.template.spec.containers[1]", { name: "proxy" }],
      ),
    );
    assert.equal(violations["readiness-probe"]?.length, 1);
    assert.equal(undetermined["readiness-probe"]?.length, 1);
  });

  it("do not hide an object's name", () => {
    const { violations } = say(change(["metadata.name", UNKNOWN], [`${ROLLING}.maxSurge`, 0]));
    assert.match(violations["max-surge"]?.[0] ?? "", /^Deployment shop-prod\/resource-name: maxSurge is 0/);
  });
});
