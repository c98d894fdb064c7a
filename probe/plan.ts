import type { ClientKind } from "./types";

/** How one kind of client is paced. */
export interface Flow {
  client: ClientKind;
  /** Clients of the kind, each with a connection of its own where it keeps one. */
  lanes: number;
  /** From one request of a lane to its next. */
  everyMs: number;
  /** Most requests of a lane that wait for an answer; more are skipped, so that a server that hangs is not buried. */
  waiting: number;
}

/** Shares of the rate. Slow requests are few, because each lasts. */
const WEIGHT: Record<ClientKind, number> = {
  "new-connection": 40,
  "keep-alive": 28,
  post: 15,
  websocket: 15,
  slow: 2,
};

/** Shares a rate (requests a second) out to kinds of client. Pure. */
export function plan(rate: number, clients: readonly ClientKind[], slowMs: number): Flow[] {
  const all = clients.reduce((sum, client) => sum + WEIGHT[client], 0);
  return clients.map((client) => {
    const perSecond = (rate * WEIGHT[client]) / all;
    const { lanes, waiting } = shape(client, perSecond, slowMs);
    return { client, lanes, waiting, everyMs: (1000 * lanes) / perSecond };
  });
}

function shape(client: ClientKind, perSecond: number, slowMs: number): Pick<Flow, "lanes" | "waiting"> {
  switch (client) {
    case "new-connection":
      return { lanes: 1, waiting: between(8, 2 * perSecond, 200) };
    case "keep-alive":
      // About ten requests a second each: seldom idle, and never for long.
      return { lanes: between(2, perSecond / 10, 16), waiting: 1 };
    case "post":
      return { lanes: between(1, perSecond / 10, 16), waiting: 1 };
    case "websocket":
      return { lanes: between(1, perSecond / 5, 16), waiting: 8 };
    case "slow":
      // One more than its time takes: the next begins when the last is about to be answered.
      return { lanes: between(1, (perSecond * slowMs) / 1000, 200), waiting: 2 };
  }
}

const between = (least: number, value: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)));
