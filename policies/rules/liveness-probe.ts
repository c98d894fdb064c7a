import { eachContainer, type Rule } from "../rule";
import { missingHandler, PROBES } from "./handlers";

export const livenessProbe: Rule = {
  id: "liveness-probe",
  title: "Every container has a liveness probe",
  why: "Without one a process that hangs is never restarted: a slot loses capacity for good, and nobody notices until the next cutover needs it.",
  reads: ["spec.template.spec.containers[].livenessProbe"],
  passes: "every container has a livenessProbe with a handler",
  check: (workload) =>
    eachContainer(workload, (container) =>
      missingHandler(container, "livenessProbe", PROBES, {
        required: "one that fails only when a restart would help",
        fix: "add livenessProbe, such as httpGet of /livez",
      }),
    ),
};
