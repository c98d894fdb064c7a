import type { Dispatcher } from "undici";
import { unusable } from "../shared/errors";
import { freshPool, type HttpRequest, keptClient, order, send } from "./http";
import { Tally } from "./tally";
import {
  CLIENT_KINDS,
  type ClientKind,
  type ProbeOptions,
  type ProbeResult,
  type RunningProbe,
} from "./types";
import { WebSocketClient } from "./websocket";

/** How the rate is shared by the kinds that are paced; slow ones are always in flight instead. */
const WEIGHTS: Record<Exclude<ClientKind, "slow">, number> = {
  "new-connection": 5,
  "keep-alive": 3,
  post: 2,
  websocket: 2,
};
/** Connections of each kind that is kept open. */
const KEPT = 4;
/** Slow requests in flight at any time. */
const SLOW = 4;
/** More than this many waiting for an answer, and new ones are skipped: a probe must not pile up load on a server that hangs. */
const MOST_WAITING = 200;

/** Starts the load in this process. @throws HitlessError for a URL, rate or client that cannot be used */
export function startProbe(options: ProbeOptions): RunningProbe {
  const { url, rate, clients, slowMs, timeoutMs, maxRequests } = check(options);
  const tally = new Tally();
  const stops: (() => Promise<unknown> | void)[] = [];
  const dispatchers: Dispatcher[] = [];
  const inFlight = new Set<Promise<unknown>>();
  let begun = 0;
  let stopping = false;

  const mayRequest = (): boolean => {
    if (stopping || begun >= maxRequests) return false;
    if (inFlight.size >= MOST_WAITING) {
      tally.skipped += 1;
      return false;
    }
    begun += 1;
    return true;
  };
  const track = <T>(work: Promise<T>): Promise<T> => {
    inFlight.add(work);
    void work.finally(() => inFlight.delete(work));
    return work;
  };
  const own = <T extends Dispatcher>(dispatcher: T): T => (dispatchers.push(dispatcher), dispatcher);
  const paced = clients.filter((kind) => kind !== "slow");
  const weight = paced.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
  const everyMs = (kind: keyof typeof WEIGHTS) => (1000 * weight) / (rate * WEIGHTS[kind]);
  const every = (ms: number, work: () => void) => {
    const timer = setInterval(work, ms);
    stops.push(() => clearInterval(timer));
  };
  const path = `${url.pathname}${url.search}`;
  const request = (client: ClientKind, more: Partial<HttpRequest>): HttpRequest => ({
    client,
    method: "GET",
    path,
    fresh: false,
    timeoutMs,
    ...more,
  });

  const start: Record<ClientKind, () => void> = {
    "new-connection": () => {
      const pool = own(freshPool(url.origin, timeoutMs));
      every(everyMs("new-connection"), () => {
        if (mayRequest()) void track(send(pool, request("new-connection", { fresh: true }), tally));
      });
    },
    "keep-alive": () => {
      for (let index = 0; index < KEPT; index++) {
        const client = own(keptClient(url.origin, timeoutMs));
        const id = `keep-alive ${index}`;
        client.on("disconnect", () => tally.connection(id, "keep-alive", undefined));
        let busy = false;
        every(everyMs("keep-alive") * KEPT, () => {
          if (busy || !mayRequest()) return;
          busy = true;
          void track(send(client, request("keep-alive", {}), tally)).then((slot) => {
            busy = false;
            if (slot) tally.connection(id, "keep-alive", slot);
          });
        });
      }
    },
    slow: () => {
      const pool = own(freshPool(url.origin, timeoutMs + slowMs));
      for (let index = 0; index < SLOW; index++) {
        const loop = async (): Promise<void> => {
          // Spread, so that one of them is at any point of its time when traffic moves.
          await new Promise((resolve) => setTimeout(resolve, (slowMs / SLOW) * index));
          while (mayRequest()) {
            await track(
              send(
                pool,
                request("slow", { path: `/slow?ms=${slowMs}`, fresh: true, timeoutMs: timeoutMs + slowMs }),
                tally,
              ),
            );
          }
        };
        void loop();
      }
    },
    post: () => {
      const client = own(keptClient(url.origin, timeoutMs));
      every(everyMs("post"), () => {
        if (mayRequest())
          void track(send(client, request("post", { method: "POST", path: "/orders", ...order() }), tally));
      });
    },
    websocket: () => {
      const target = new URL("/ws", url);
      target.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      for (let index = 0; index < KEPT; index++) {
        const client = new WebSocketClient({
          url: target.href,
          everyMs: everyMs("websocket") * KEPT,
          timeoutMs,
          mayRequest,
          id: `websocket ${index}`,
          tally,
        });
        stops.push(() => client.stop());
      }
    },
  };
  for (const kind of clients) start[kind]();

  let stopped: Promise<ProbeResult> | undefined;
  const stop = async (): Promise<ProbeResult> => {
    // Which slot each client is with is read before they leave.
    const { lastSlotOf } = tally.result();
    stopping = true;
    await Promise.all(stops.map((one) => one()));
    while (inFlight.size > 0) await Promise.allSettled([...inFlight]);
    await Promise.all(dispatchers.map((one) => one.close()));
    tally.end();
    return { ...tally.result(), lastSlotOf };
  };
  return {
    snapshot: () => Promise.resolve(tally.result()),
    stop: () => (stopped ??= stop()),
    untilFailures: (count) => tally.untilFailures(count),
  };
}

function check(options: ProbeOptions): Required<Omit<ProbeOptions, "url">> & { url: URL } {
  const {
    rate = 60,
    clients = ["new-connection", "keep-alive"],
    slowMs = 4000,
    timeoutMs = 15_000,
    maxRequests = 1_000_000,
  } = options;
  const problems = [];
  let url: URL | undefined;
  try {
    url = new URL(options.url);
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error("another protocol");
  } catch {
    problems.push({
      where: "url",
      what: "is not an address to probe",
      value: options.url,
      allowed: "http://HOST[:PORT]/PATH or https://",
    });
  }
  if (!(rate > 0 && rate <= 5000))
    problems.push({
      where: "rate",
      what: "is out of range",
      value: rate,
      allowed: "above 0, at most 5000 requests a second",
    });
  const unknown = clients.filter((kind) => !CLIENT_KINDS.includes(kind));
  if (unknown.length > 0 || clients.length === 0) {
    problems.push({
      where: "clients",
      what: "is not a kind of client",
      value: unknown.join(", "),
      allowed: CLIENT_KINDS.join(", "),
    });
  }
  if (problems.length > 0 || !url) throw unusable("the probe cannot start", problems);
  return { url, rate, clients, slowMs, timeoutMs, maxRequests };
}
