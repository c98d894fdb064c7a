import { LABEL } from "../../components/names";
import { notApplicable, passes, placeOf, type Rule, violation } from "../rule";

export const recreate: Rule = {
  id: "recreate",
  title: "Recreate only outside production",
  why: "Recreate ends every pod before it starts the first new one: nobody is served in between.",
  reads: ["spec.strategy.type", `label ${LABEL.environment}`, "the stack's name"],
  passes:
    "strategy is RollingUpdate, or the environment is none of the production ones; an object that names no environment counts as production",
  check(workload, settings) {
    if (workload.strategy() !== "Recreate") return passes;
    const { name, production } = placeOf(workload, settings);
    if (!production) return notApplicable("not in production");
    return violation({
      path: "spec.strategy.type",
      actual: `strategy is Recreate in ${name ? `environment ${name}` : "an unnamed environment, which counts as production"}`,
      required: "RollingUpdate",
      fix: `set spec.strategy.type to RollingUpdate, or label the object ${LABEL.environment} if it is not production`,
    });
  },
};
