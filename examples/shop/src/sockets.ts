import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import type { ShopConfig } from "./config";
import type { Connections } from "./connections";
import { target } from "./target";

/** "Going away": the close that tells a client to come again, and get another server. */
const GOING_AWAY = 1001;

export interface Sockets {
  /** Says goodbye to all that are open. Those that do not answer within `patience` milliseconds are cut. */
  goodbye(patience: number): void;
}

/** Echoes what comes on /ws. */
export function serveSockets(server: Server, config: ShopConfig, connections: Connections): Sockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
  sockets.on("headers", (headers) =>
    headers.push(`x-hitless-slot: ${config.slot}`, `x-hitless-version: ${config.version}`),
  );
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (target(request.url).pathname !== "/ws") {
      // From here on Node looks after this socket no more, and an error that nobody takes would end the app.
      socket.on("error", () => socket.destroy());
      socket.once("finish", () => socket.destroy());
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    connections.begin(request, socket, { client: true });
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
      client.on("error", () => client.terminate());
    });
  });
  return {
    goodbye(patience) {
      for (const client of sockets.clients) {
        client.close(GOING_AWAY, "going away");
        setTimeout(() => client.terminate(), patience).unref();
      }
    },
  };
}
