import { checkDrain } from "../../components/drain";
import { ANNOTATION } from "../../components/names";
import { PRE_STOP_ANNOTATION, type Workload } from "../model";
import { notDeterminable, passes, type Rule, violation } from "../rule";
import { handlerOf, HOOKS } from "./handlers";

/**
 * How long the pod's preStop hooks take: the longest, as they run side by side. Kubernetes knows the time of `sleep`
 * only; for the others the annotation says it.
 */
function preStopSeconds(workload: Workload): number | undefined {
  const said = workload.annotation(PRE_STOP_ANNOTATION).seconds();
  const times = workload.containers().map(({ field }) => {
    const hook = field.at("lifecycle").at("preStop");
    return handlerOf(hook, HOOKS) ? hook.at("sleep").at("seconds").count() : 0;
  });
  if (said !== undefined) return Math.max(said, ...times.map((time) => time ?? 0));
  return times.every((time) => time !== undefined) ? Math.max(...times) : undefined;
}

export const gracePeriod: Rule = {
  id: "grace-period",
  title: "The grace period holds preStop, the app's shutdown and a margin",
  why: "The kubelet kills the pod when its grace period ends, preStop included. If that is before the app has finished, the requests it still works on are reset.",
  reads: [
    "spec.template.spec.terminationGracePeriodSeconds",
    "spec.template.spec.containers[].lifecycle.preStop",
    `annotation ${ANNOTATION.shutdown}`,
    `annotation ${PRE_STOP_ANNOTATION}`,
  ],
  passes:
    "terminationGracePeriodSeconds (absent: 30) is at least preStop + shutdown + margin; not determinable when the shutdown time, or the time of an exec or HTTP preStop hook, is nowhere said",
  check(workload, settings) {
    const grace = workload.grace();
    const preStop = preStopSeconds(workload);
    const shutdown = workload.annotation(ANNOTATION.shutdown).seconds() ?? settings.shutdown;
    if (preStop === undefined) {
      return notDeterminable(
        "nothing says how long its preStop hook takes",
        `Use lifecycle.preStop.sleep, or set annotation ${PRE_STOP_ANNOTATION} such as "10s"`,
      );
    }
    if (shutdown === undefined) {
      return notDeterminable(
        "nothing says how long the app takes to shut down after SIGTERM",
        `Set annotation ${ANNOTATION.shutdown} such as "12s", or grace-period.shutdown in the pack's config`,
      );
    }
    const { margin } = settings;
    const needs = { propagation: 0, longestRequest: 0, cleanup: 0, margin, stickyTtl: 0 };
    const broken = checkDrain({ grace: grace.seconds, preStop, shutdown }, needs).find(
      ({ number }) => number === 3,
    );
    if (!broken) return passes;
    const required = Math.ceil(broken.required);
    return violation({
      path: "spec.template.spec.terminationGracePeriodSeconds",
      actual: grace.given
        ? `terminationGracePeriodSeconds is ${grace.seconds}`
        : `terminationGracePeriodSeconds is not set, which means ${grace.seconds}`,
      required: `${required} or more (preStop ${preStop} s + shutdown ${shutdown} s + margin ${margin} s)`,
      fix: `set spec.template.spec.terminationGracePeriodSeconds to ${required}`,
    });
  },
};
