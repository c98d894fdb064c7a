import type {
  PolicyPackArgs,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
} from "@pulumi/policy";
import {
  configProblems,
  type Configs,
  SETTINGS,
  SETTINGS_SCHEMA,
  GRACE_SCHEMA,
  type Level,
  levelOf,
  settingsFrom,
} from "./config";
import type { Workload } from "./model";
import { workloadOf } from "./pulumi";
import { DOCS, judge, message, type NotDeterminable, placeOf, type Rule, type Violation } from "./rule";
import { RULES } from "./rules";

export const ADVICE = "advice";
export const NOT_DETERMINABLE = "not-determinable";

/** What the pack itself adds to the rules. */
export const POLICIES = [
  {
    id: SETTINGS,
    title: "Which environments are production, and where rules are not mandatory",
    does: "Holds the config that all rules share, and refuses config that makes no sense.",
  },
  {
    id: ADVICE,
    title: "Violations where the environment's level is advisory",
    does: "A Pulumi policy has one level for all objects, so the violations of environments with level advisory are reported here.",
  },
  {
    id: NOT_DETERMINABLE,
    title: "What a rule could not tell",
    does: "A value that only the update knows, or a time that nothing says. Advisory; set its level to mandatory to refuse what cannot be proven.",
  },
] as const;

/**
 * The pack: one mandatory policy a rule, between `settings`, which must run first as it holds the shared config,
 * and the two that report what a rule may not report itself, which need to know every rule's config.
 */
export function packArguments(): PolicyPackArgs {
  // A policy sees only its own config. The SDK runs the policies in order on each resource, so each leaves its
  // config here for those after it. It is the same for the whole run.
  const configs = new Map<string, Record<string, unknown>>();
  const policy = (
    id: string,
    description: string,
    more: Partial<ResourceValidationPolicy>,
    judgeWorkload: (workload: Workload, report: (text: string) => void) => void,
  ): ResourceValidationPolicy => ({
    name: id,
    description,
    url: `${DOCS}#${id}`,
    validateResource(args: ResourceValidationArgs, report: ReportViolation) {
      configs.set(id, args.getConfig());
      const workload = workloadOf(args);
      if (!workload) return args.notApplicable("not a workload this pack knows");
      judgeWorkload(workload, report);
    },
    ...more,
  });

  const [shared, advice, notDeterminable] = POLICIES;
  return {
    description: "Refuses updates that can drop a request, before anything is applied.",
    displayName: "Hitless",
    enforcementLevel: "mandatory",
    policies: [
      policy(shared.id, shared.title, { configSchema: asSchema(SETTINGS_SCHEMA) }, (_, report) => {
        for (const problem of configProblems(configs)) {
          report(`the pack's config cannot be used: ${problem}. See ${DOCS}#config`);
        }
      }),
      ...RULES.map((rule) =>
        policy(
          rule.id,
          rule.title,
          rule.id === "grace-period" ? { configSchema: asSchema(GRACE_SCHEMA) } : {},
          (workload, report) => {
            if (level(rule, workload, configs) !== "mandatory") return;
            for (const one of results(rule, workload, configs, "violation"))
              report(message(rule, workload, one));
          },
        ),
      ),
      policy(advice.id, advice.title, { enforcementLevel: "advisory" }, (workload, report) => {
        for (const rule of RULES) {
          if (!configs.has(rule.id) || level(rule, workload, configs) !== "advisory") continue;
          for (const one of results(rule, workload, configs, "violation")) {
            report(`[${rule.id}] ${message(rule, workload, one)}`);
          }
        }
      }),
      policy(
        notDeterminable.id,
        notDeterminable.title,
        { enforcementLevel: "advisory" },
        (workload, report) => {
          for (const rule of RULES) {
            if (!configs.has(rule.id) || level(rule, workload, configs) === "disabled") continue;
            for (const one of results(rule, workload, configs, "not-determinable")) {
              report(message(rule, workload, one));
            }
          }
        },
      ),
    ],
  };
}

function results(rule: Rule, workload: Workload, configs: Configs, is: "violation"): Violation[];
function results(rule: Rule, workload: Workload, configs: Configs, is: "not-determinable"): NotDeterminable[];
function results(
  rule: Rule,
  workload: Workload,
  configs: Configs,
  is: string,
): (Violation | NotDeterminable)[] {
  return judge(rule, workload, settings(configs)).filter(
    (one): one is Violation | NotDeterminable => one.is === is,
  );
}

/** Config that cannot be used is refused by `settings`; the rules then go by their defaults. */
function settings(configs: Configs) {
  try {
    return settingsFrom(configs);
  } catch {
    return settingsFrom(new Map());
  }
}

/** Mandatory wherever the environment, or its level, cannot be read. */
function level(rule: Rule, workload: Workload, configs: Configs): Level {
  try {
    return levelOf(configs, rule.id, placeOf(workload, settings(configs)).name);
  } catch {
    return "mandatory";
  }
}

/** Pulumi's types want mutable schemas. */
const asSchema = (schema: object) => structuredClone(schema) as ResourceValidationPolicy["configSchema"];
