import assert from "node:assert/strict";
import { passingDeployment } from "../testing/fixtures";
import { change, CONTAINER, GRACE, say, SETTINGS } from "../testing/judging";

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
