import type { Rule } from "../rule";
import { gracePeriod } from "./grace-period";
import { livenessProbe } from "./liveness-probe";
import { maxSurge } from "./max-surge";
import { maxUnavailable } from "./max-unavailable";
import { preStop } from "./pre-stop";
import { readinessProbe } from "./readiness-probe";
import { recreate } from "./recreate";
import { slotLabel } from "./slot-label";

/** Every rule, in the order in which the docs list them. */
export const RULES: readonly Rule[] = [
  readinessProbe,
  livenessProbe,
  maxUnavailable,
  maxSurge,
  preStop,
  gracePeriod,
  recreate,
  slotLabel,
];
