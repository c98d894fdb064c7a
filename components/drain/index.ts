import { refused, type Problem } from "../../shared/errors";
import { duration, seconds } from "./duration";
import { checkDrain } from "./inequalities";
import { ROUTER_NAMES, type RouterName, ROUTERS } from "./routers";

export { duration, DurationError, seconds } from "./duration";
export { checkDrain, type DrainNeeds, type DrainTimes, type Violation } from "./inequalities";
export { ROUTER_NAMES, type RouterName, ROUTERS } from "./routers";

/** The app's side, in its owner's words. Durations carry units. */
export interface DrainInput {
  /** What stands in front of the pods; the slowest of them counts. */
  inFront: readonly string[];
  /** The longest request that must be answered. @default "30s" */
  longestRequest?: string | undefined;
  /** What the app needs to close its own connections. @default "1s" */
  cleanup?: string | undefined;
  /** How long the app answers with `Connection: close` before it closes its listeners. @default "2s" */
  lameDuck?: string | undefined;
  /** Replaces the routers' propagation time where the real one was measured. */
  propagation?: string | undefined;
  /** Room between the app's forced exit and the kubelet's kill. At least 5 s. @default "5s" */
  margin?: string | undefined;
  /** How long a balancer keeps a client on one pod. @default "0s" */
  stickyTtl?: string | undefined;
}

/** Every time of a drain, in seconds. Those that Kubernetes takes as whole seconds are rounded up. */
export interface DrainBudget {
  /** P: until the last newly routed request. */
  propagation: number;
  /** L = P */
  preStop: number;
  /** S = lame duck + longest request + cleanup */
  shutdown: number;
  /** G = L + S + margin */
  grace: number;
  /** How long the old slot is kept: the longer of P + R and the sticky time. */
  hold: number;
}

/** kubelet and runtime need some seconds of their own between the app's exit and the kill. */
export const LEAST_MARGIN = 5;

/**
 * Derives every time of a drain from what the app's owner knows.
 * @throws HitlessError naming every input that cannot be used
 */
export function drainBudget(input: DrainInput): DrainBudget {
  const problems: Problem[] = [];
  const read = (name: keyof DrainInput, fallback: string): number => {
    const text = (input[name] as string | undefined) ?? fallback;
    try {
      return seconds(text);
    } catch (error) {
      problems.push({ where: `drain.${name}`, what: (error as Error).message, value: text });
      return 0;
    }
  };
  const unknown = input.inFront.filter((name) => !(name in ROUTERS));
  if (unknown.length > 0 || input.inFront.length === 0) {
    problems.push({
      where: "drain.inFront",
      what: "is not a router that the drain budget knows",
      value: unknown,
      allowed: ROUTER_NAMES.join(", "),
      fix: "name the nearest, and set drain.propagation to what you measured",
    });
  }
  const slowest = Math.max(0, ...input.inFront.map((name) => ROUTERS[name as RouterName]?.propagation ?? 0));
  const propagation = read("propagation", duration(slowest));
  const longestRequest = read("longestRequest", "30s");
  const margin = read("margin", duration(LEAST_MARGIN));
  const stickyTtl = read("stickyTtl", "0s");
  const cleanup = read("cleanup", "1s");
  const lameDuck = read("lameDuck", "2s");
  if (margin < LEAST_MARGIN) {
    problems.push({
      where: "drain.margin",
      what: "leaves the kubelet no room",
      value: input.margin,
      allowed: `${LEAST_MARGIN}s or more`,
    });
  }
  if (problems.length > 0) throw refused("the drain budget cannot be derived", problems);
  const preStop = Math.ceil(propagation);
  const shutdown = lameDuck + longestRequest + cleanup;
  const budget = {
    propagation,
    preStop,
    shutdown,
    grace: Math.ceil(preStop + shutdown + margin),
    hold: Math.max(propagation + longestRequest, stickyTtl),
  };
  const broken = checkDrain(budget, { propagation, longestRequest, cleanup, margin, stickyTtl });
  if (broken.length > 0)
    throw new Error(`the derived times break ${broken.map((one) => one.message).join("; ")}`);
  return budget;
}
