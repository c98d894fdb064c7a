import type { IncomingMessage, ServerResponse } from "node:http";
import * as os from "node:os";
import type { ShopConfig } from "./config";
import type { Connections } from "./connections";
import type { Metrics } from "./metrics";
import { createOrders } from "./orders";
import { target } from "./target";

/** What the shop says of itself to the platform. */
export interface Lifecycle {
  ready: boolean;
  /** From SIGTERM on: each answer tells its client to open its next connection elsewhere. */
  draining: boolean;
}

export interface Parts {
  config: ShopConfig;
  lifecycle: Lifecycle;
  connections: Connections;
  metrics: Metrics;
}

/** Sends JSON to the client of one request. */
export type Answer = (code: number, body: object) => void;

export function createHandler({ config, lifecycle, connections, metrics }: Parts) {
  const orders = createOrders();
  const fails = everyNth(config.faults.errorRate);

  /** Headers of every answer. */
  const headers = (request: IncomingMessage): Record<string, string> => ({
    "x-hitless-slot": config.slot,
    "x-hitless-version": config.version,
    // Of requests that were sent in one go only the last may close, or the others' answers are lost.
    ...(lifecycle.draining && connections.isNewest(request) ? { connection: "close" } : {}),
  });

  /** Requests of the platform. They count nowhere, and faults spare them. */
  const platform: Record<
    string,
    (request: IncomingMessage, response: ServerResponse, answer: Answer) => void
  > = {
    "/livez": (_request, _response, answer) => answer(200, { live: true }),
    // Passes while it drains too: an endpoint leaves by the pod's deletion, and a failing probe would only make
    // routers that have no other pod left drop what they could still send here.
    "/readyz": (_request, _response, answer) =>
      answer(lifecycle.ready ? 200 : 503, { ready: lifecycle.ready }),
    "/metrics": (request, response) =>
      void metrics.text().then((text) => {
        response.writeHead(200, { ...headers(request), "content-type": metrics.contentType });
        response.end(text);
      }),
  };

  const application = (request: IncomingMessage, url: URL, answer: Answer): void => {
    const route = `${request.method === "HEAD" ? "GET" : request.method} ${url.pathname}`;
    if (fails()) return answer(500, { error: "this request failed on purpose" });
    switch (route) {
      case "GET /":
        return answer(200, { slot: config.slot, version: config.version, pod: os.hostname() });
      case "GET /slow":
        return slow(url, answer);
      case "POST /orders":
        return orders(request, answer);
      default:
        return answer(404, { error: `no ${route} here` });
    }
  };

  const slow = (url: URL, answer: Answer): void => {
    const asked = url.searchParams.get("ms") ?? "1000";
    if (!/^\d+$/.test(asked)) return answer(400, { error: "ms must be a whole number of milliseconds" });
    const ms = Math.min(Number(asked), config.longestRequest);
    setTimeout(() => answer(200, { slot: config.slot, version: config.version, ms }), ms);
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    const url = target(request.url);
    const ofPlatform = platform[url.pathname];
    connections.begin(request, response, { client: !ofPlatform });
    // A body that nobody reads would turn the close of the connection into a reset.
    request.resume();
    const answer: Answer = (code, body) => {
      const text = JSON.stringify(body);
      response.writeHead(code, {
        ...headers(request),
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
      });
      response.end(text);
    };
    if (ofPlatform) return ofPlatform(request, response, answer);
    const began = performance.now();
    response.once("close", () =>
      metrics.request(
        response.writableFinished ? response.statusCode : 499,
        (performance.now() - began) / 1000,
      ),
    );
    application(request, url, answer);
  };
}

/** True for the given share of calls, evenly and not by chance: a test can count them. */
function everyNth(share: number): () => boolean {
  let owed = 0;
  return () => {
    owed += share;
    // A hair less than one: twenty times 0.05 is not quite one in binary.
    if (owed < 1 - 1e-9) return false;
    owed -= 1;
    return true;
  };
}
