import { eachContainer, type Rule } from "../rule";
import { missingHandler, PROBES } from "./handlers";

export const readinessProbe: Rule = {
  id: "readiness-probe",
  title: "Every container has a readiness probe",
  why: "Without one a pod counts as ready as soon as its process runs: requests reach it before it can answer, and a rollout goes on over pods that never could.",
  reads: ["spec.template.spec.containers[].readinessProbe"],
  passes: "every container has a readinessProbe with a handler",
  check: (workload) =>
    eachContainer(workload, (container) =>
      missingHandler(container, "readinessProbe", PROBES, {
        required: "one that succeeds only while the container can answer requests",
        fix: "add readinessProbe, such as httpGet of /readyz",
      }),
    ),
};
