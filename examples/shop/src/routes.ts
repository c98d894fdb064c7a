import type { IncomingMessage, ServerResponse } from "node:http";
import * as os from "node:os";
import type { ShopConfig } from "./config";
import type { Metrics } from "./metrics";

export interface Lifecycle {
  ready: boolean;
  draining: boolean;
}

/** Requests to the application itself; probes and scrapes are answered apart from these, and never fail on purpose. */
export function createHandler(config: ShopConfig, metrics: Metrics, state: Lifecycle) {
  const orders = new Map<string, number>();
  let served = 0;
  let failed = 0;

  const send = (response: ServerResponse, code: number, body: unknown): void => {
    const text = JSON.stringify(body);
    response.writeHead(code, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      "x-hitless-slot": config.slot,
      "x-hitless-version": config.version,
      // Lame duck: every answer tells its client to open its next connection elsewhere.
      ...(state.draining ? { connection: "close" } : {}),
    });
    response.end(text);
  };

  /** The given share of requests, evenly spread and not by chance: a test can count them. */
  const failsNow = (): boolean => {
    served += 1;
    if (failed + 1 > served * config.faults.errorRate) return false;
    failed += 1;
    return true;
  };

  const answer = (request: IncomingMessage, response: ServerResponse, url: URL): void => {
    if (failsNow()) return send(response, 500, { error: "fault" });
    if (url.pathname === "/slow") {
      const ms = Math.min(Number(url.searchParams.get("ms") ?? 1000) || 0, config.longestRequestMs);
      setTimeout(() => send(response, 200, { sleptMs: ms }), ms);
      return;
    }
    if (url.pathname === "/orders" && request.method === "POST") return takeOrder(request, response);
    if (url.pathname === "/")
      return send(response, 200, { slot: config.slot, version: config.version, pod: os.hostname() });
    send(response, 404, { error: "no such path" });
  };

  const takeOrder = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      let id: unknown;
      try {
        ({ id } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown });
      } catch {
        // Answered below.
      }
      if (typeof id !== "string")
        return send(response, 400, { error: 'a JSON object with a string "id" is wanted' });
      const seen = (orders.get(id) ?? 0) + 1;
      orders.set(id, seen);
      send(response, 201, { id, seen });
    });
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "/", "http://shop");
    switch (url.pathname) {
      case "/livez":
        return send(response, 200, { live: true });
      case "/readyz":
        // Stays ready while it drains: in Kubernetes an endpoint is taken away by the deletion, not by this probe.
        return send(response, state.ready ? 200 : 503, { ready: state.ready });
      case "/metrics":
        void metrics.text().then((text) => {
          response.writeHead(200, { "content-type": metrics.contentType, connection: "close" });
          response.end(text);
        });
        return;
    }
    metrics.count(request.socket);
    const began = process.hrtime.bigint();
    response.once("finish", () => {
      metrics.requests.inc({ code: response.statusCode });
      metrics.latency.observe(Number(process.hrtime.bigint() - began) / 1e9);
    });
    answer(request, response, url);
  };
}
