import assert from "node:assert/strict";
import { RULES } from ".";
import { UNKNOWN } from "../field";
import { passingDeployment } from "../testing/fixtures";
import { change, CONTAINER, GRACE, ROLLING, say, SLOT } from "../testing/judging";
import { REFUSED } from "../testing/refused";

describe("the rules", () => {
  it("all pass the fixture", () => {
    assert.deepEqual(say(passingDeployment()), { violations: {}, undetermined: {} });
  });

  for (const [claim, path, value, rule, words] of REFUSED) {
    it(`refuse ${claim}, by ${rule} alone and in these words`, () => {
      assert.deepEqual(say(change([path, value])), {
        violations: {
          [rule]: [`Deployment shop-prod/shop-green: ${words} See docs/policies.md#${rule}`],
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
