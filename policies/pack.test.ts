import assert from "node:assert/strict";
import * as sdk from "@pulumi/policy";
import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { mutated, passingDeployment } from "./testing/fixtures";
import { packArguments } from "./pack";
import { RULES } from "./rules";

/** Exported by the SDK, but not by its types. */
const { unknownCheckingProxy, UnknownValueError } = sdk as unknown as {
  unknownCheckingProxy: (props: object) => object;
  UnknownValueError: new () => Error;
};

/** The policy SDK's own mark for a text that is not known in preview. */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const CONTAINER = "spec.template.spec.containers[0]";

type Config = Record<string, "disabled" | Record<string, unknown>>;

/** Runs the pack as the SDK does: every policy that is not disabled, in order, on one resource. */
function run(
  props: object,
  {
    config = {},
    type = "kubernetes:apps/v1:Deployment",
    stack = "dev-green",
    parents = "",
  }: { config?: Config; type?: string; stack?: string; parents?: string } = {},
  pack = packArguments(),
): string[] {
  const reports: string[] = [];
  for (const policy of pack.policies as ResourceValidationPolicy[]) {
    const own = config[policy.name] ?? {};
    if (own === "disabled") continue;
    const args = {
      type,
      urn: `urn:pulumi:${stack}::shop::${parents}${type}::shop`,
      name: "shop",
      props: unknownCheckingProxy(props),
      getConfig: () => own,
      notApplicable: () => undefined,
    } as unknown as ResourceValidationArgs;
    const validate = policy.validateResource as (args: unknown, report: (text: string) => void) => void;
    validate(args, (text) =>
      reports.push(`${policy.enforcementLevel ?? pack.enforcementLevel} ${policy.name}: ${text}`),
    );
  }
  return reports;
}

const inEnvironment = (environment: string, object: object = passingDeployment()) =>
  mutated(object, 'metadata.labels["hitless.dev/environment"]', environment);
const names = (reports: string[]) => reports.map((report) => report.split(":")[0]);
const surging = (environment: string) =>
  inEnvironment(environment, mutated(passingDeployment(), "spec.strategy.rollingUpdate.maxSurge", 0));

describe("the pack", () => {
  it("has one mandatory policy a rule", () => {
    const { policies, enforcementLevel } = packArguments();
    assert.equal(enforcementLevel, "mandatory");
    assert.deepEqual(
      policies.filter(({ enforcementLevel }) => enforcementLevel === undefined).map(({ name }) => name),
      ["settings", ...RULES.map(({ id }) => id)],
    );
  });

  it("is silent about a Deployment that passes, and about everything that is no workload", () => {
    assert.deepEqual(run(passingDeployment()), []);
    assert.deepEqual(run({ spec: 7 }, { type: "kubernetes:core/v1:Service" }), []);
    assert.deepEqual(run({}, { type: "pulumi:pulumi:Stack" }), []);
  });

  it("reads the Deployments of old API groups too", () =>
    assert.deepEqual(names(run(surging("prod"), { type: "kubernetes:extensions/v1beta1:Deployment" })), [
      "mandatory max-surge",
    ]));

  it("knows what our component makes by its parent", () => {
    const bare = mutated(mutated(passingDeployment(), "metadata.labels", undefined), "spec.selector", {
      matchLabels: {},
    });
    const template = mutated(bare, "spec.template.metadata.labels", undefined);
    assert.deepEqual(run(template), []);
    assert.deepEqual(names(run(template, { parents: "hitless:components:SlotWorkload$" })), [
      "mandatory slot-label",
      "mandatory slot-label",
    ]);
  });

  it("takes its environment for production in a stack named after one", () => {
    const recreating = inEnvironment(
      "dev",
      mutated(passingDeployment(), "spec.strategy", { type: "Recreate" }),
    );
    assert.deepEqual(run(recreating), []);
    assert.deepEqual(names(run(recreating, { stack: "prod-blue" })), ["mandatory recreate"]);
    assert.deepEqual(names(run(recreating, { config: { settings: { production: ["dev"] } } })), [
      "mandatory recreate",
    ]);
  });
});

describe("the level of a rule", () => {
  const levels = (environments: unknown): { config: Config } => ({ config: { settings: { environments } } });

  it("is mandatory in every environment", () => {
    for (const environment of ["prod", "dev", "sandbox", ""]) {
      assert.deepEqual(names(run(surging(environment))), ["mandatory max-surge"]);
    }
  });

  it("is advisory in an environment configured so, and nowhere else", () => {
    assert.deepEqual(run(surging("sandbox"), levels({ sandbox: "advisory" })), [
      "advisory advice: [max-surge] Deployment shop-prod/shop-green: maxSurge is 0; it must be 1 or more. Fix: set spec.strategy.rollingUpdate.maxSurge to 1 or more. See docs/policies.md#max-surge",
    ]);
    assert.deepEqual(names(run(surging("dev"), levels({ sandbox: "advisory" }))), ["mandatory max-surge"]);
  });

  it("is set by environment and rule", () => {
    const object = mutated(surging("dev"), `${CONTAINER}.livenessProbe`, undefined);
    assert.deepEqual(names(run(object, levels({ dev: { "max-surge": "disabled" } }))), [
      "mandatory liveness-probe",
    ]);
    assert.deepEqual(names(run(object, levels({ dev: { "max-surge": "advisory" } }))), [
      "mandatory liveness-probe",
      "advisory advice",
    ]);
    assert.deepEqual(names(run(object, levels({ dev: "disabled" }))), []);
  });

  it("of a rule that is disabled is not raised by an environment's", () =>
    assert.deepEqual(
      run(surging("dev"), {
        config: { "max-surge": "disabled", settings: { environments: { dev: "advisory" } } },
      }),
      [],
    ));

  it("of a production stack is not lowered by an object's label", () =>
    assert.deepEqual(
      names(run(surging("sandbox"), { ...levels({ sandbox: "advisory" }), stack: "prod-blue" })),
      ["mandatory max-surge"],
    ));

  for (const [claim, bad, words] of [
    [
      "a level that is none",
      { dev: "madatory" },
      /settings\.environments\.dev is "madatory", not one of mandatory, advisory, disabled/,
    ],
    ["a level of a wrong type", { dev: 7 }, /settings\.environments\.dev is a number/],
    [
      "a rule that is none",
      { dev: { "max-surges": "disabled" } },
      /settings\.environments\.dev names max-surges, which is no rule/,
    ],
    ["no object", "advisory", /settings\.environments is a string, not an object/],
  ] as const) {
    it(`that names ${claim} is refused, and the rule stays mandatory`, () => {
      const reports = run(surging("dev"), levels(bad));
      assert.deepEqual(names(reports), ["mandatory settings", "mandatory max-surge"]);
      assert.match(reports[0] ?? "", words);
    });
  }
});

describe("what the pack cannot tell", () => {
  it("is reported apart from the rule, and the rule stays mandatory for what it can tell", () => {
    const object = mutated(
      mutated(passingDeployment(), `${CONTAINER}.readinessProbe`, UNKNOWN_TEXT),
      "spec.template.spec.containers[1]",
      { name: "proxy", livenessProbe: { exec: {} }, lifecycle: { preStop: { sleep: { seconds: 1 } } } },
    );
    const reports = run(object);
    assert.deepEqual(names(reports), ["mandatory readiness-probe", "advisory not-determinable"]);
    assert.match(reports[0] ?? "", /container proxy has no readinessProbe/);
    assert.match(reports[1] ?? "", /readinessProbe is not known in preview/);
  });

  it("includes values as a whole, and names", () => {
    assert.deepEqual(
      names(run({ metadata: UNKNOWN_TEXT, spec: UNKNOWN_TEXT })),
      RULES.map(() => "advisory not-determinable"),
    );
    assert.deepEqual(run(mutated(passingDeployment(), "metadata.name", UNKNOWN_TEXT)), []);
  });

  it("stays out of environments and rules that are disabled", () => {
    const silent = inEnvironment(
      "dev",
      mutated(
        mutated(passingDeployment(), "metadata.annotations", undefined),
        "spec.template.metadata.annotations",
        undefined,
      ),
    );
    assert.deepEqual(names(run(silent)), ["advisory not-determinable"]);
    assert.deepEqual(run(silent, { config: { "grace-period": "disabled" } }), []);
    assert.deepEqual(run(silent, { config: { settings: { environments: { dev: "disabled" } } } }), []);
    assert.deepEqual(run(silent, { config: { "grace-period": { shutdown: "8s" } } }), []);
    assert.deepEqual(names(run(silent, { config: { "grace-period": { shutdown: "9s" } } })), [
      "mandatory grace-period",
    ]);
  });

  it("uses the SDK's own sign for unknown values", () =>
    assert.throws(() => (unknownCheckingProxy({ a: UNKNOWN_TEXT }) as { a: unknown }).a, UnknownValueError));
});

describe("grace-period's config", () => {
  it("sets the margin", () => {
    assert.deepEqual(names(run(passingDeployment(), { config: { "grace-period": { margin: "6s" } } })), [
      "mandatory grace-period",
    ]);
    assert.deepEqual(run(passingDeployment(), { config: { "grace-period": { margin: "4s" } } }), []);
  });
});
