import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { ShopConfig } from "./config";
import type { Connections } from "./connections";
import type { Lifecycle } from "./routes";
import type { Sockets } from "./sockets";

export interface Draining {
  config: ShopConfig;
  lifecycle: Lifecycle;
  connections: Connections;
  sockets: Sockets;
  log: (event: string, more?: object) => void;
}

/** How long a WebSocket's client may take to answer a goodbye, and a new connection to send its first request. */
const PATIENCE = 1000;
const LOOK_EVERY = 50;

/**
 * What happens after SIGTERM:
 * 1. lame duck: everything is answered as before, each answer with `Connection: close`; WebSockets are closed with
 *    1001. Clients that send anything in this time move elsewhere by themselves, without an error;
 * 2. then it stops listening, and closes connections that wait for no answer;
 * 3. what is in flight is answered: exit 0;
 * 4. whatever is left when the time is over is cut: exit 1.
 */
export async function drain({ config, lifecycle, connections, sockets, log }: Draining): Promise<never> {
  const openConnections = (): object => ({ openConnections: connections.size });
  log("draining", openConnections());
  setTimeout(() => {
    log("forced exit", openConnections());
    process.exit(1);
  }, config.shutdown);

  lifecycle.draining = true;
  sockets.goodbye(PATIENCE);
  await sleep(config.lameDuck);

  // What the system holds for us already, connections and requests, is taken first.
  await setImmediate();
  await setImmediate();
  const closed = connections.stopListening();
  log("stopped listening", openConnections());
  sockets.goodbye(PATIENCE);
  const until = Date.now() + PATIENCE;
  setInterval(() => connections.closeIdle({ untouched: Date.now() > until }), LOOK_EVERY);
  connections.closeIdle({ untouched: false });
  await closed;
  log("drained");
  return process.exit(0);
}
