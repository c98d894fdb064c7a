/** What the app and its surroundings need, in seconds. */
export interface DrainNeeds {
  /** P: from a pod's deletion until the last newly routed request. */
  propagation: number;
  /** R: the longest request. */
  longestRequest: number;
  /** What the app needs to close its own connections. */
  cleanup: number;
  /** m: room for the kubelet itself. At least 5. */
  margin: number;
  /** How long a balancer keeps sending a client to the same pod, or 0. */
  stickyTtl: number;
}

/** The times that somebody wrote down, in seconds; those left out are not checked. */
export interface DrainTimes {
  /** L: how long a pod goes on as usual before SIGTERM. */
  preStop?: number;
  /** S: the app's own shutdown after SIGTERM, at the end of which it exits by force. */
  shutdown?: number;
  /** G: after which the kubelet kills it. Counts from the deletion, preStop included. */
  grace?: number;
  /** How long the old slot is kept after traffic left it. */
  hold?: number;
}

/** The inequalities of the timing model by their numbers, as far as they are checked. */
export const INEQUALITIES = {
  1: "(1) preStop >= propagation",
  2: "(2) shutdown >= longest request + cleanup",
  3: "(3) grace >= preStop + shutdown + margin",
  13: "(13) hold >= propagation + longest request, or the sticky time",
} as const;

export interface Violation {
  number: keyof typeof INEQUALITIES;
  /** Which of the times is too short. */
  time: keyof DrainTimes;
  /** Its value, in seconds. */
  actual: number;
  /** The least value that works, in seconds. */
  required: number;
  message: string;
}

/** Checks inequalities 1, 2, 3 and 13, as far as their times are known. */
export function checkDrain(times: DrainTimes, needs: DrainNeeds): Violation[] {
  const { preStop, shutdown } = times;
  const { propagation, longestRequest, cleanup, margin, stickyTtl } = needs;
  const violations: Violation[] = [];
  const demand = (number: Violation["number"], time: keyof DrainTimes, parts: Record<string, number>) => {
    const actual = times[time];
    const required = Math.round(Object.values(parts).reduce((sum, part) => sum + part, 0) * 1000) / 1000;
    if (actual === undefined || actual >= required) return;
    const sum = Object.entries(parts).map(([name, value]) => `${name} ${value} s`);
    const message = `${INEQUALITIES[number]}: ${time} is ${actual} s and must be at least ${required} s (${sum.join(" + ")})`;
    violations.push({ number, time, actual, required, message });
  };
  demand(1, "preStop", { propagation });
  demand(2, "shutdown", { "longest request": longestRequest, cleanup });
  if (preStop !== undefined && shutdown !== undefined) demand(3, "grace", { preStop, shutdown, margin });
  demand(
    13,
    "hold",
    stickyTtl > propagation + longestRequest
      ? { "sticky time": stickyTtl }
      : { propagation, "longest request": longestRequest },
  );
  return violations;
}
