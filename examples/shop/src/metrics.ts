import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What /metrics says. Probes and scrapes count nowhere: they are not what the app is for. */
export interface Metrics {
  contentType: string;
  text(): Promise<string>;
  /** One application request that ended. `code` is 499 where the client left before its answer. */
  request(code: number, seconds: number): void;
}

export function createMetrics(version: string, openConnections: () => number): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ version });
  const registers = [registry];
  const requests = new Counter({
    name: "http_requests_total",
    help: "Application requests by status code",
    labelNames: ["code"],
    registers,
  });
  const latency = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time to answer an application request",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  new Gauge({
    name: "http_open_connections",
    help: "Open connections that have sent at least one application request",
    registers,
    collect() {
      this.set(openConnections());
    },
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    request(code, seconds) {
      requests.inc({ code });
      latency.observe(seconds);
    },
  };
}
