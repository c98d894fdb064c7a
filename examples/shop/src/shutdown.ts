import type { Server } from "node:http";
import type { WebSocketServer } from "ws";
import type { ShopConfig } from "./config";
import type { Lifecycle } from "./routes";

export interface Drain {
  server: Server;
  sockets: WebSocketServer;
  state: Lifecycle;
  config: ShopConfig;
  openConnections(): number;
  log(event: string, more?: object): void;
}

/** How long a WebSocket's client may take to answer a close before its connection is cut. */
const CLOSE_ANSWER_MS = 1000;

/**
 * What the shop does at SIGTERM, in order:
 * 1. lame duck: it goes on answering, each answer with `Connection: close`, and WebSockets are closed with 1001;
 *    clients that send anything in this time move by themselves;
 * 2. it stops listening and closes connections that idle;
 * 3. requests in flight are answered; then it exits with code 0;
 * 4. whatever is still open when its time is over is cut: exit code 1.
 */
export function drainOnSigterm({ server, sockets, state, config, openConnections, log }: Drain): void {
  process.once("SIGTERM", () => {
    if (config.faults.exitAtSigterm) process.exit(0);
    log("draining", { openConnections: openConnections() });
    state.draining = true;
    setTimeout(() => {
      log("forced exit", { openConnections: openConnections() });
      process.exit(1);
    }, config.shutdownMs).unref();
    for (const client of sockets.clients) {
      client.close(1001, "going away");
      setTimeout(() => client.terminate(), CLOSE_ANSWER_MS).unref();
    }
    setTimeout(() => {
      server.close(() => {
        log("drained");
        process.exit(0);
      });
      // A connection whose request is on its way is not idle for the server yet: look again until none is left.
      setInterval(() => server.closeIdleConnections(), 100).unref();
    }, config.lameDuckMs);
  });
}
