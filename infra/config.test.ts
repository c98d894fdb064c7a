import assert from "node:assert/strict";
import * as fc from "fast-check";
import { HitlessError } from "../shared/errors";
import { parseStackConfig } from "./config";
import { slotSettings, trafficSettings, workload } from "./testing/settings";

const FILE = "stacks/Pulumi.dev-blue.yaml";

function problems(settings: Record<string, string>, secret?: Set<string>): string[] {
  try {
    parseStackConfig(settings, FILE, secret);
  } catch (error) {
    assert(error instanceof HitlessError);
    assert.equal(error.code, 1);
    return error.problems.map(({ where, what, value, allowed }) =>
      [
        `${where?.replace(`${FILE}, hitless:`, "")} ${what}`,
        value === undefined ? "" : `: ${typeof value === "string" ? value : JSON.stringify(value)}`,
        allowed ? ` (${allowed})` : "",
      ].join(""),
    );
  }
  return [];
}
const inWorkload = (changes: Record<string, unknown>) =>
  problems(slotSettings({ workload: workload(changes) }));

describe("the config of a stack", () => {
  it("is accepted with no more than what has no default", () => {
    const config = parseStackConfig(slotSettings(), FILE);
    assert(config.role === "slot");
    assert.equal(config.strategy, "blue-green");
    assert.equal(config.renewals, 0);
    assert.deepEqual(config.workload.rollout, {
      type: "RollingUpdate",
      maxSurge: 1,
      maxUnavailable: 0,
      deadline: "2m",
    });
    assert.deepEqual(config.workload.drain, {
      inFront: ["kube-proxy"],
      longestRequest: "30s",
      cleanup: "1s",
      lameDuck: "2s",
    });
    assert.equal(parseStackConfig(trafficSettings(), FILE).role, "traffic");
  });

  it("reports everything that is wrong at once, with file, key, value and what is allowed", () => {
    assert.throws(
      () =>
        parseStackConfig(
          slotSettings({ slot: "pink", wurkload: "x", workload: workload({ replicas: -1 }) }),
          FILE,
        ),
      {
        message: [
          `${FILE}: 3 problems in the config`,
          `  - ${FILE}, hitless:slot: is not valid`,
          "      value:   pink",
          '      allowed: "blue", "green"',
          `  - ${FILE}, hitless:workload.replicas: is not valid`,
          "      value:   -1",
          "      allowed: a whole number from 0 to 1000",
          `  - ${FILE}, hitless:wurkload: there is no such setting`,
          "      fix:     remove it, or correct its name (docs/config.md lists them all)",
        ].join("\n"),
      },
    );
  });

  it("names the roles where there is none, or an unknown one", () => {
    assert.deepEqual(problems(slotSettings({ role: undefined })), [
      "role is missing (platform, slot, traffic)",
    ]);
    assert.deepEqual(problems(slotSettings({ role: "slat" })), [
      "role is not valid: slat (platform, slot, traffic)",
    ]);
  });

  it("says what is missing", () =>
    assert.deepEqual(inWorkload({ image: undefined, ports: undefined }), [
      "workload.image is missing (text, not empty)",
      "workload.ports is missing (named values)",
    ]));

  it("keeps a version that looks like a number as the text it is", () => {
    const config = parseStackConfig(slotSettings({ version: "1.10" }), FILE);
    assert(config.role === "slot");
    assert.equal(config.version, "1.10");
  });

  const PROBE = "a probe such as { path: /readyz }, or false";
  const DURATION = 'a duration with a unit, at most 24h, such as "500ms", "30s" or "1m30s"';
  const PERCENT = 'a whole number, or a percentage such as "25%"';
  const rollout = (changes: object) => ({ rollout: changes });
  const probes = (readiness: unknown) => ({ probes: { readiness, liveness: false } });
  const volume = (changes: object) => ({ volumes: [{ name: "data", mountPath: "/data", ...changes }] });

  const cases: [claim: string, changes: Record<string, unknown>, expected: string[]][] = [
    ["a probe of another kind", probes(true), [`workload.probes.readiness is not valid: true (${PROBE})`]],
    [
      "a probe without a path",
      probes({}),
      ["workload.probes.readiness.path is missing (a path that starts with '/')"],
    ],
    [
      "a probe with a setting that does not exist",
      probes({ path: "/x", perod: "1s" }),
      ["workload.probes.readiness.perod there is no such setting"],
    ],
    [
      "a probe of a port that the workload has not",
      probes({ path: "/x", port: "web" }),
      ["workload.probes.readiness.port is not valid: web (one of the ports: http)"],
    ],
    [
      "a volume without a source",
      volume({}),
      [
        'workload.volumes.0 is not valid: {"name":"data","mountPath":"/data"} (exactly one of emptyDir, configMap, secret, persistentVolumeClaim)',
      ],
    ],
    [
      "a volume with two sources",
      volume({ emptyDir: {}, secret: "key" }),
      [
        'workload.volumes.0 is not valid: {"name":"data","mountPath":"/data","emptyDir":{},"secret":"key"} (exactly one of emptyDir, configMap, secret, persistentVolumeClaim)',
      ],
    ],
    [
      "a duration without a unit",
      rollout({ deadline: "30" }),
      [`workload.rollout.deadline is not valid: "30" (${DURATION})`],
    ],
    [
      "a duration that is a number",
      rollout({ deadline: 30 }),
      [`workload.rollout.deadline is not valid: 30 (${DURATION})`],
    ],
    [
      "a duration beyond a day",
      rollout({ deadline: "25h" }),
      [`workload.rollout.deadline is not valid: 25h (${DURATION})`],
    ],
    [
      "a deadline of nothing",
      rollout({ deadline: "0s" }),
      ["workload.rollout.deadline is not valid: 0s (more than nothing, such as 2m)"],
    ],
    [
      "a number in quotes",
      rollout({ maxSurge: "25" }),
      [`workload.rollout.maxSurge is not valid: "25" (${PERCENT})`],
    ],
    [
      "a negative number of pods",
      rollout({ maxSurge: -1 }),
      [`workload.rollout.maxSurge is not valid: -1 (${PERCENT})`],
    ],
    [
      "a rollout that could replace no pod",
      rollout({ maxSurge: 0 }),
      [
        "workload.rollout.maxSurge is not valid: 0 (more than 0 where maxUnavailable is 0: else no pod can be replaced)",
      ],
    ],
    [
      "half a replica",
      { replicas: 1.5 },
      ["workload.replicas is not valid: 1.5 (a whole number from 0 to 1000)"],
    ],
    [
      "a port's name in capitals",
      { ports: { HTTP: 80 } },
      [
        "workload.ports.HTTP is not a valid name here: HTTP (a lower-case name: letters, digits and single '-', at most 15 characters)",
      ],
    ],
    ["no port at all", { ports: {} }, ["workload.ports is not valid: {} (at least one named port)"]],
    [
      "an unknown router",
      { drain: { inFront: ["f5"] } },
      ["workload.drain.inFront.0 is not valid: f5 (ROUTERS)"],
    ],
    ["a section that is empty", { drain: null }, ["workload.drain is not valid: null (named values)"]],
    [
      "two files of one key",
      { files: { "/a/b": "x", "/a__b": "y" } },
      [`workload.files is not valid: {"/a/b":"x","/a__b":"y"} (paths that differ in more than '/' and '__')`],
    ],
    [
      "a time that the drain budget sets",
      { env: { HITLESS_SHUTDOWN: "90s" } },
      [
        "workload.env is not valid: (named values, not shown) (names other than HITLESS_SLOT, HITLESS_VERSION, HITLESS_SHUTDOWN, HITLESS_LONGEST_REQUEST, HITLESS_LAME_DUCK, which Hitless sets itself)",
      ],
    ],
  ];
  for (const [claim, changes, expected] of cases) {
    it(`refuses ${claim}`, () =>
      assert.deepEqual(
        inWorkload(changes).map((line) => line.replace(/\("?kube-proxy.*\)$/, "(ROUTERS)")),
        expected,
      ));
  }

  for (const [claim, changes] of [
    ["probes left out", probes(false)],
    ["a probe of another port", { ports: { http: 1, admin: 2 }, ...probes({ path: "/x", port: "admin" }) }],
    ["a volume with one source", volume({ emptyDir: {} })],
    ["a percentage", rollout({ maxSurge: "25%" })],
    ["no surge where pods may be missing", rollout({ maxSurge: 0, maxUnavailable: 1 })],
    ["a duration of two units", rollout({ deadline: "1m30s" })],
    ["zero replicas", { replicas: 0 }],
  ] as const) {
    it(`accepts ${claim}`, () => assert.deepEqual(inWorkload(changes), []));
  }

  it("refuses traffic for the same slot twice, and for none", () => {
    assert.deepEqual(problems(trafficSettings({ live: ["blue", "blue"] })), [
      'live is not valid: ["blue","blue"] (each slot once)',
    ]);
    assert.deepEqual(problems(trafficSettings({ live: [] })), ["live is not valid: [] (at least 1 of them)"]);
  });

  it("refuses a node port for a Service that has none", () =>
    assert.deepEqual(
      problems(trafficSettings({ service: { port: 80, targetPort: "http", nodePort: 30080 } })),
      ["service.nodePort is not valid: 30080 (nothing where type is ClusterIP)"],
    ));

  describe("never shows", () => {
    const hidden = (settings: Record<string, string>, secret?: Set<string>) => {
      try {
        parseStackConfig(settings, FILE, secret);
        assert.fail("accepted");
      } catch (error) {
        assert(error instanceof HitlessError);
        assert.doesNotMatch(JSON.stringify([error.message, error.problems, error.stack]), /271828/);
        return error.message;
      }
    };

    it("the secrets", () => hidden(slotSettings({ secrets: { TOKEN: 271828 }, slot: "pink" })));
    it("the value of an environment variable", () =>
      hidden(slotSettings({ workload: workload({ env: { TOKEN: 271828 } }) })));
    it("an argument", () => hidden(slotSettings({ workload: workload({ args: [271828] }) })));
    it("a workload that is no config at all", () => hidden(slotSettings({ workload: "{ TOKEN: 271828" })));
    it("a setting that is stored as a secret, which it refuses", () => {
      const message = hidden(slotSettings({ workload: workload({ image: 271828 }) }), new Set(["workload"]));
      assert.match(message, /hitless:workload: is stored as a secret/);
      assert.match(message, /1 problem in/);
    });
    it("a part of a setting that is stored as a secret, which it refuses", () =>
      assert.match(
        hidden(slotSettings({ workload: workload({ env: { TOKEN: { secure: "v1:271828" } } }) })),
        /hitless:workload: is stored as a secret/,
      ));
  });

  it("is refused with a HitlessError whatever nonsense it is", () => {
    const keys = [...Object.keys(slotSettings()), ...Object.keys(trafficSettings()), "__proto__", "toString"];
    const value = fc.oneof(fc.string(), fc.json(), fc.constantFrom(...Object.values(slotSettings())));
    const nested = fc
      .dictionary(
        fc.constantFrom(...Object.keys(workload()), "drain", "rollout", "volumes", "env"),
        fc.jsonValue(),
      )
      .map((changes) => slotSettings({ workload: workload(changes) }));
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(fc.constantFrom(...keys), value), nested), (settings) => {
        try {
          parseStackConfig(settings, FILE);
        } catch (error) {
          assert(error instanceof HitlessError, String(error));
          assert(error.problems.length > 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
