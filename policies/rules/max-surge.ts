import { notApplicable, passes, type Rule, violation } from "../rule";
import { isZero, NO_ROLLING } from "./rolling";

export const maxSurge: Rule = {
  id: "max-surge",
  title: "maxSurge is above 0",
  why: "With no pod above the replicas a rollout can only replace one by taking one away first.",
  reads: ["spec.strategy.type", "spec.strategy.rollingUpdate.maxSurge"],
  passes: 'maxSurge is 1 or more, or a percentage above "0%"; absent it is 25%, rounded up',
  check(workload) {
    if (workload.strategy() === "Recreate") return notApplicable(NO_ROLLING);
    const field = workload.spec.at("strategy").at("rollingUpdate").at("maxSurge");
    const value = field.countOrShare();
    if (value === undefined || !isZero(value)) return passes;
    return violation({
      path: field.path,
      actual: `maxSurge is ${value}`,
      required: "1 or more",
      fix: "set spec.strategy.rollingUpdate.maxSurge to 1 or more",
    });
  },
};
