import { seconds } from "../components/drain/duration";
import { Field, UnreadableField } from "./field";
import type { Settings } from "./rule";
import { RULES } from "./rules";

export const LEVELS = ["mandatory", "advisory", "disabled"] as const;
export type Level = (typeof LEVELS)[number];

/** What each policy was configured with, by its name. A policy that is disabled never appears. */
export type Configs = ReadonlyMap<string, Record<string, unknown>>;

export const SETTINGS = "settings";
export const PRODUCTION = ["prod", "production"];
export const MARGIN = "5s";

const DURATION = "^(\\d+(\\.\\d+)?(ms|s|m|h))+$";

/** The config that `settings` takes, as Pulumi's schema. Defaults are ours: the engine would hide what was left out. */
export const SETTINGS_SCHEMA = {
  properties: {
    production: {
      type: "array",
      items: { type: "string", minLength: 1 },
      description: `Environments in which nothing may interrupt the service. Default: ${PRODUCTION.join(", ")}.`,
    },
    environments: {
      type: "object",
      additionalProperties: { type: ["string", "object"] },
      description:
        'The level by environment, or by environment and rule: { "sandbox": "advisory", "dev": { "pre-stop": "disabled" } }. Default: mandatory.',
    },
  },
} as const;

/** The config that `grace-period` takes. */
export const GRACE_SCHEMA = {
  properties: {
    margin: {
      type: "string",
      pattern: DURATION,
      description: `Room between the app's forced exit and the kubelet's kill, as a duration. Default: ${MARGIN}.`,
    },
    shutdown: {
      type: "string",
      pattern: DURATION,
      description:
        "The app's own shutdown time for workloads that do not say theirs, as a duration. Default: none, and then it is not determinable.",
    },
  },
} as const;

/** Thresholds for the rules. @throws UnreadableField for config the engine's schema would have refused */
export function settingsFrom(configs: Configs): Settings {
  const shared = new Field(configs.get(SETTINGS), SETTINGS);
  const grace = new Field(configs.get("grace-period"), "grace-period");
  const production = shared.at("production").list();
  return {
    production: production?.map((name) => name.text() ?? "") ?? PRODUCTION,
    margin: grace.at("margin").seconds() ?? seconds(MARGIN),
    shutdown: grace.at("shutdown").seconds(),
  };
}

/** The level of a rule in an environment. @throws UnreadableField if that level is none */
export function levelOf(configs: Configs, rule: string, environment: string | undefined): Level {
  if (environment === undefined) return "mandatory";
  const field = new Field(configs.get(SETTINGS), SETTINGS).at("environments").at(environment);
  return level(field) ?? level(field.at(rule)) ?? "mandatory";
}

function level(field: Field): Level | undefined {
  if (field.missing || field.isObject) return undefined;
  const text = field.text();
  if (!(LEVELS as readonly (string | undefined)[]).includes(text))
    throw new UnreadableField(field.path, JSON.stringify(text), `one of ${LEVELS.join(", ")}`);
  return text as Level;
}

/** What is wrong with the config of `settings`, as sentences. */
export function configProblems(configs: Configs): string[] {
  const problems: string[] = [];
  const environments = new Field(configs.get(SETTINGS), SETTINGS).at("environments");
  try {
    settingsFrom(configs);
    for (const environment of Object.keys(environments.object() ?? {})) {
      const field = environments.at(environment);
      if (level(field) !== undefined) continue;
      for (const rule of Object.keys(field.object() ?? {})) {
        if (!RULES.some(({ id }) => id === rule)) {
          problems.push(`${field.path} names ${rule}, which is no rule`);
        } else {
          level(field.at(rule));
        }
      }
    }
  } catch (error) {
    problems.push((error as Error).message);
  }
  return problems;
}
