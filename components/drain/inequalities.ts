/** The times that a drain needs, in seconds. */
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

export interface Violation {
  /** The inequality's number in docs/drain.md. */
  number: 1 | 2 | 3 | 13;
  inequality: string;
  /** The side that is too small, with its value. */
  actual: number;
  /** The least value that works. */
  required: number;
  message: string;
}

/** Inequalities 1, 2, 3 and 13 of the timing model, over whatever times are known. */
export function checkDrain(times: DrainTimes, needs: DrainNeeds): Violation[] {
  const { preStop, shutdown, grace, hold } = times;
  const { propagation, longestRequest, cleanup, margin, stickyTtl } = needs;
  const violations: Violation[] = [];
  const require = (
    number: Violation["number"],
    inequality: string,
    name: string,
    actual: number,
    required: number,
    sum: string,
  ) => {
    if (actual >= required) return;
    const message = `(${number}) ${inequality}: ${name} is ${actual} s and must be at least ${required} s (${sum})`;
    violations.push({ number, inequality, actual, required, message });
  };
  if (preStop !== undefined) {
    require(1, "preStop >= propagation", "preStop", preStop, propagation, `propagation ${propagation} s`);
  }
  if (shutdown !== undefined) {
    require(2, "shutdown >= longest request + cleanup", "shutdown", shutdown, longestRequest +
      cleanup, `longest request ${longestRequest} s + cleanup ${cleanup} s`);
  }
  if (grace !== undefined && preStop !== undefined && shutdown !== undefined) {
    require(3, "grace >= preStop + shutdown + margin", "grace", grace, preStop +
      shutdown +
      margin, `preStop ${preStop} s + shutdown ${shutdown} s + margin ${margin} s`);
  }
  if (hold !== undefined) {
    require(13, "hold >= propagation + longest request, or the sticky time", "hold", hold, Math.max(
      propagation + longestRequest,
      stickyTtl,
    ), `propagation ${propagation} s + longest request ${longestRequest} s, sticky ${stickyTtl} s`);
  }
  return violations;
}
