import assert from "node:assert/strict";
import fc from "fast-check";
import { mutated, passingDeployment } from "./testing/fixtures";
import { UNKNOWN } from "./field";
import { Workload } from "./model";
import { judge, message, type Rule, type Settings } from "./rule";
import { RULES } from "./rules";

const SETTINGS: Settings = { production: ["prod"], margin: 5 };

/** Anything that a YAML file, or a Pulumi program, can put in a field. */
const garbage = fc.oneof(
  fc.anything({ withNullPrototype: true, withObjectString: true }),
  fc.constantFrom(UNKNOWN, NaN, -1, 1.5, "", "0", "__proto__", [], {}, [[]], [null], { toString: null }),
);

const judgeAll = (rule: Rule, manifest: unknown) =>
  judge(rule, new Workload({ kind: "Deployment", name: "x" }, manifest), SETTINGS);

/** Every path of a manifest, inner ones included. */
function paths(value: unknown, at = ""): string[] {
  if (typeof value !== "object" || value === null) return [at];
  const below = Object.entries(value).flatMap(([key, inner]) =>
    paths(
      inner,
      Array.isArray(value)
        ? `${at}[${key}]`
        : /^\w+$/.test(key)
          ? at
            ? `${at}.${key}`
            : key
          : `${at}["${key}"]`,
    ),
  );
  return at === "" ? below : [at, ...below];
}

/** Which rules cannot do without the field (or one above or below it). */
const NEEDS: Record<string, RegExp> = {
  "readiness-probe": /^spec(\.template(\.spec(\.containers(\[0\](\.readinessProbe(\.httpGet)?)?)?)?)?)?$/,
  "liveness-probe": /^spec(\.template(\.spec(\.containers(\[0\](\.livenessProbe(\.httpGet)?)?)?)?)?)?$/,
  "max-unavailable": /^spec(\.strategy(\.type|\.rollingUpdate(\.maxUnavailable)?)?)?$/,
  "max-surge": /^spec(\.strategy(\.type|\.rollingUpdate(\.maxSurge)?)?)?$/,
  "pre-stop":
    /^spec(\.template(\.spec(\.containers(\[0\](\.lifecycle(\.preStop(\.sleep(\.seconds)?)?)?)?)?)?)?)?$/,
  "grace-period":
    /^(metadata\.annotations.*|spec|spec\.template(\.spec(\.terminationGracePeriodSeconds)?)?)$/,
  recreate: /^spec(\.strategy(\.type)?)?$/,
  "slot-label":
    /^(metadata\.labels(.*slot.*)?|spec(\.selector(\.matchLabels(.*slot.*)?)?)?|spec\.template(\.metadata(\.labels(.*slot.*)?)?)?)$/,
};
/** Of another type than any field there may have; an object where a list is wanted and the other way round. */
const wrongFor = (right: unknown): unknown[] =>
  [true, 7.5, "no such thing", ["x"], { x: 1 }].filter(
    (wrong) => typeof wrong !== typeof right || Array.isArray(wrong) !== Array.isArray(right),
  );

const at = (object: unknown, path: string): unknown =>
  [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].reduce<unknown>(
    (inner, [, quoted, index, plain]) =>
      (inner as Record<string, unknown>)[(quoted ?? index ?? plain) as string],
    object,
  );

describe("a manifest of garbage", () => {
  it("never makes a rule throw, nor its message", () => {
    fc.assert(
      fc.property(garbage, (manifest) => {
        for (const rule of RULES) {
          const workload = new Workload({ kind: "Deployment", name: "x" }, manifest);
          for (const one of judge(rule, workload, SETTINGS)) {
            if (one.is !== "not-applicable") assert.equal(typeof message(rule, workload, one), "string");
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("passes none of the rules that look at pods", () => {
    const looking = RULES.filter(({ id }) =>
      ["readiness-probe", "liveness-probe", "pre-stop", "grace-period"].includes(id),
    );
    fc.assert(
      fc.property(garbage, (manifest) => {
        for (const rule of looking) assert.notDeepEqual(judgeAll(rule, manifest), []);
      }),
      { numRuns: 1000 },
    );
  });

  it("in one field never makes a rule throw", () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths(passingDeployment())), garbage, (path, value) => {
        for (const rule of RULES) judgeAll(rule, mutated(passingDeployment(), path, value));
      }),
      { numRuns: 2000 },
    );
  });

  it("in a field that a rule needs is a violation of that rule, never a pass", () => {
    const right = passingDeployment();
    let judged = 0;
    for (const path of paths(right)) {
      for (const rule of RULES.filter(({ id }) => NEEDS[id]?.test(path))) {
        for (const wrong of wrongFor(at(right, path))) {
          const results = judgeAll(rule, mutated(right, path, wrong));
          assert.ok(
            results.some(({ is }) => is === "violation"),
            `${rule.id} passes ${path} = ${JSON.stringify(wrong)}`,
          );
          judged++;
        }
      }
    }
    assert.ok(judged > 100, `only ${judged} judged`);
  });

  it("is described without its values", () => {
    const secret = "s3cr3t-s3cr3t-s3cr3t";
    for (const path of paths(passingDeployment())) {
      if (/annotations|metadata\.name|labels/i.test(path) || path.endsWith(".name")) continue;
      const manifest = mutated(passingDeployment(), path, secret);
      const workload = new Workload({ kind: "Deployment", name: "x" }, manifest);
      for (const rule of RULES) {
        assert.ok(
          !JSON.stringify(judge(rule, workload, SETTINGS)).includes("s3cr3t"),
          `${rule.id} shows ${path}`,
        );
      }
    }
  });
});
