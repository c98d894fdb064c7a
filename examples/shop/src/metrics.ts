import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Socket } from "node:net";

export function createMetrics(version: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ version });
  const requests = new Counter({
    name: "http_requests_total",
    help: "Application requests by status code",
    labelNames: ["code"],
    registers: [registry],
  });
  const latency = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time to answer an application request",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const clients = new Set<Socket>();
  new Gauge({
    name: "http_open_connections",
    help: "Open connections that have sent an application request; probes and scrapes do not count",
    registers: [registry],
    collect() {
      this.set(clients.size);
    },
  });
  return {
    requests,
    latency,
    text: () => registry.metrics(),
    contentType: registry.contentType,
    openConnections: () => clients.size,
    /** Counts a connection from its first application request until it closes. */
    count(socket: Socket): void {
      if (clients.has(socket)) return;
      clients.add(socket);
      socket.once("close", () => clients.delete(socket));
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
