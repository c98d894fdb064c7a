import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { readShopConfig, type ShopConfig } from "./config";
import { createMetrics } from "./metrics";
import { createHandler, type Lifecycle } from "./routes";
import { drainOnSigterm } from "./shutdown";

/** Longer than any balancer in front keeps an idle connection: the client's side must be the one that closes it. */
const KEEP_ALIVE_MS = 120_000;

const log = (event: string, more: object = {}) =>
  process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);

function start(config: ShopConfig): void {
  const state: Lifecycle = { ready: !config.faults.neverReady, draining: false };
  const metrics = createMetrics(config.version);
  const server = http.createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
    createHandler(config, metrics, state),
  );
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client: WebSocket) => {
      metrics.count(request.socket);
      client.send(JSON.stringify({ hello: true, slot: config.slot, version: config.version }));
      client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
      client.on("error", () => client.terminate());
      // Opened while it drains: answered, and sent elsewhere at once.
      if (state.draining) client.close(1001, "going away");
    });
  });
  server.listen(config.port, () =>
    log("listening", {
      port: (server.address() as AddressInfo).port,
      slot: config.slot,
      version: config.version,
    }),
  );
  drainOnSigterm({ server, sockets, state, config, openConnections: metrics.openConnections, log });
  if (config.faults.crashAfterMs > 0) setTimeout(() => process.exit(1), config.faults.crashAfterMs);
}

try {
  const config = readShopConfig(process.env);
  setTimeout(() => start(config), config.faults.startDelayMs);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(2);
}
