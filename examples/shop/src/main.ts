import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { readConfig, type ShopConfig } from "./config";
import { Connections } from "./connections";
import { createMetrics } from "./metrics";
import { createHandler, type Lifecycle } from "./routes";
import { drain } from "./shutdown";
import { serveSockets } from "./sockets";

/**
 * How long an idle connection is kept: longer than any balancer in front keeps it (60 to 90 s), so that it is never us
 * who closes it just as a request is on its way.
 */
const KEEP_ALIVE = 120_000;

const log = (event: string, more: object = {}): void =>
  void process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);

function listen(config: ShopConfig): void {
  const { shutdown, lameDuck, longestRequest } = config;
  if (shutdown < lameDuck + longestRequest)
    log("shutdown is too short", { shutdown, lameDuck, longestRequest });
  const lifecycle: Lifecycle = { ready: !config.faults.neverReady, draining: false };
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE });
  const connections = new Connections(server);
  const metrics = createMetrics(config.version, () => connections.clients);
  server.on("request", createHandler({ config, lifecycle, connections, metrics }));
  const sockets = serveSockets(server, config, connections);
  server.once("error", (error) => fail(1, error));
  server.listen({ port: config.port, host: config.host }, () => {
    const { port } = server.address() as AddressInfo;
    log("listening", { port, slot: config.slot, version: config.version });
    if (config.faults.crashAfter !== undefined) setTimeout(() => process.exit(1), config.faults.crashAfter);
  });
  if (config.faults.exitAtSigterm) return;
  process.off("SIGTERM", leave);
  // A runtime that lost its connection asks again: that must not cut short what has begun.
  process.on("SIGTERM", () => {
    if (!lifecycle.draining) void drain({ config, lifecycle, connections, sockets, log });
  });
}

/** Until it listens there is nothing to drain. Said outright, because the first process of a container ignores SIGTERM. */
const leave = (): never => process.exit(0);

function fail(code: number, error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(code);
}

process.on("SIGTERM", leave);
try {
  const config = readConfig(process.env);
  if (config.faults.startDelay > 0) setTimeout(() => listen(config), config.faults.startDelay);
  else listen(config);
} catch (error) {
  fail(2, error);
}
