import { refused, type Problem } from "../../shared/errors";
import { duration, seconds } from "./duration";
import { checkDrain, type DrainNeeds } from "./inequalities";
import { ROUTER_NAMES, type RouterName, ROUTERS } from "./routers";

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
  /** L = P, whole */
  preStop: number;
  /** S = lame duck + longest request + cleanup */
  shutdown: number;
  /** G = L + S + margin, whole */
  grace: number;
  /** How long the old slot is kept: the longer of P + R and the sticky time. */
  hold: number;
}

/** The input in seconds, defaults filled in. */
export interface DrainNumbers extends DrainNeeds {
  lameDuck: number;
  /** The slowest of what is in front; none when the propagation time was given. */
  slowest: RouterName | undefined;
}

/** kubelet and runtime need some seconds of their own between the app's exit and the kill. */
export const LEAST_MARGIN = 5;

/**
 * Derives every time of a drain from what the app's owner knows.
 * @throws HitlessError naming every input that cannot be used
 */
export function drainBudget(input: DrainInput): DrainBudget {
  const needs = drainNumbers(input);
  const { propagation, longestRequest, cleanup, lameDuck, margin, stickyTtl } = needs;
  const preStop = Math.ceil(propagation);
  const shutdown = exact(lameDuck + longestRequest + cleanup);
  const budget = {
    propagation,
    preStop,
    shutdown,
    grace: Math.ceil(exact(preStop + shutdown + margin)),
    hold: Math.max(exact(propagation + longestRequest), stickyTtl),
  };
  const broken = checkDrain(budget, needs);
  if (broken.length > 0) {
    throw new Error(`the derived times break ${broken.map((one) => one.message).join("; ")}`);
  }
  return budget;
}

/** The input in seconds. @throws HitlessError naming every input that cannot be used */
export function drainNumbers(input: DrainInput): DrainNumbers {
  const problems: Problem[] = [];
  const read = (name: Exclude<keyof DrainInput, "inFront">, fallback: string): number => {
    const text = input[name] ?? fallback;
    try {
      return seconds(text);
    } catch (error) {
      problems.push({ where: `drain.${name}`, what: (error as Error).message, value: text });
      return 0;
    }
  };
  const known = input.inFront.filter((name): name is RouterName => Object.hasOwn(ROUTERS, name));
  if (known.length < input.inFront.length || known.length === 0) {
    problems.push({
      where: "drain.inFront",
      what: known.length < input.inFront.length ? "is not a router that the drain budget knows" : "is empty",
      value: input.inFront.filter((name) => !Object.hasOwn(ROUTERS, name)),
      allowed: ROUTER_NAMES.join(", "),
      fix: "name the nearest, and set drain.propagation to what you measured",
    });
  }
  const [slowest] = known.sort((a, b) => ROUTERS[b].propagation - ROUTERS[a].propagation);
  const numbers = {
    propagation: read("propagation", duration(slowest ? ROUTERS[slowest].propagation : 0)),
    longestRequest: read("longestRequest", "30s"),
    cleanup: read("cleanup", "1s"),
    lameDuck: read("lameDuck", "2s"),
    margin: read("margin", duration(LEAST_MARGIN)),
    stickyTtl: read("stickyTtl", "0s"),
    slowest: input.propagation === undefined ? slowest : undefined,
  };
  if (numbers.margin < LEAST_MARGIN && !problems.some(({ where }) => where === "drain.margin")) {
    problems.push({
      where: "drain.margin",
      what: "leaves the kubelet no room",
      value: input.margin,
      allowed: `${LEAST_MARGIN}s or more`,
    });
  }
  if (problems.length > 0) throw refused("the drain budget cannot be derived", problems);
  return numbers;
}

/** Sums of durations, without what binary fractions add to them: 0.1 + 0.2 is 0.3. */
export const exact = (value: number): number => Math.round(value * 1000) / 1000;
