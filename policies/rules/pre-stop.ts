import { eachContainer, passes, type Rule, violation } from "../rule";
import { handlerOf, HOOKS } from "./handlers";

const SAY = {
  must: "have" as const,
  required: "one that lasts until no router sends new requests any more",
  fix: "add lifecycle.preStop.sleep.seconds of at least the propagation time of what is in front (10 for kube-proxy)",
};

export const preStop: Rule = {
  id: "pre-stop",
  title: "Every container waits in a preStop hook",
  why: "Routers learn that a pod goes away after the pod does. Without a preStop hook SIGTERM comes at once, and requests that are still being sent find a closed port.",
  reads: ["spec.template.spec.containers[].lifecycle.preStop"],
  passes: "every container has a preStop hook: sleep (of at least 1 s), exec or httpGet",
  check: (workload) =>
    eachContainer(workload, ({ name, field }) => {
      const hook = field.at("lifecycle").at("preStop");
      const at = (actual: string) => violation({ path: hook.path, actual, ...SAY });
      if (hook.missing) return at(`container ${name} has no preStop hook`);
      if (!handlerOf(hook, HOOKS)) return at(`preStop of container ${name} has none of ${HOOKS.join(", ")}`);
      if (!hook.at("sleep").missing && !hook.at("sleep").at("seconds").count()) {
        return at(`preStop of container ${name} sleeps 0 s`);
      }
      return passes;
    }),
};
