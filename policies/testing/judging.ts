import { mutated, passingDeployment } from "./fixtures";
import { type Origin, Workload } from "../model";
import { judge, message, type Settings } from "../rule";
import { RULES } from "../rules";

export const SETTINGS: Settings = { production: ["prod", "production"], margin: 5 };
export const CONTAINER = "spec.template.spec.containers[0]";
export const ROLLING = "spec.strategy.rollingUpdate";
export const GRACE = "spec.template.spec.terminationGracePeriodSeconds";
export const SLOT = 'labels["hitless.dev/slot"]';

export interface Said {
  violations: Record<string, string[]>;
  undetermined: Record<string, string[]>;
}

/** What all rules together say of one manifest, by rule. For tests. */
export function say(manifest: unknown, settings: Settings = SETTINGS, origin: Partial<Origin> = {}): Said {
  const workload = new Workload({ kind: "Deployment", name: "resource-name", ...origin }, manifest);
  const said: Said = { violations: {}, undetermined: {} };
  for (const rule of RULES) {
    for (const one of judge(rule, workload, settings)) {
      if (one.is === "not-applicable") continue;
      const into = one.is === "violation" ? said.violations : said.undetermined;
      (into[rule.id] ??= []).push(message(rule, workload, one));
    }
  }
  return said;
}

/** The passing fixture with some fields changed. */
export const change = (...changes: [path: string, value: unknown][]) =>
  changes.reduce((object, [path, value]) => mutated(object, path, value), passingDeployment());
