import { DEFAULT_ROLLING_SHARE } from "../model";
import { notApplicable, passes, type Rule, violation } from "../rule";
import { isZero, NO_ROLLING } from "./rolling";

export const maxUnavailable: Rule = {
  id: "max-unavailable",
  title: "maxUnavailable is 0",
  why: "Anything else lets a rollout take away pods that answer before others can: with few replicas, up to all the capacity that is left.",
  reads: ["spec.strategy.type", "spec.strategy.rollingUpdate.maxUnavailable"],
  passes: 'maxUnavailable is 0 or "0%"; absent it would be 25%',
  check(workload) {
    if (workload.strategy() === "Recreate") return notApplicable(NO_ROLLING);
    const field = workload.spec.at("strategy").at("rollingUpdate").at("maxUnavailable");
    const value = field.countOrShare();
    if (value !== undefined && isZero(value)) return passes;
    return violation({
      path: field.path,
      actual:
        value === undefined
          ? `maxUnavailable is not set, which means ${DEFAULT_ROLLING_SHARE}`
          : `maxUnavailable is ${value}`,
      required: "0",
      fix: "set spec.strategy.rollingUpdate.maxUnavailable to 0",
    });
  },
};
