import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

interface Connection {
  /** Requests that came and are not answered to the last byte. A WebSocket is one that lasts. */
  unanswered: number;
  /** The request that came last. */
  newest?: IncomingMessage;
  /** It has sent a request to the application: it is a client, not a probe. */
  client: boolean;
  /** Nothing came on it yet. */
  untouched: boolean;
}

/**
 * Which connections are open, and which of them wait for an answer. Node's own list takes a connection for idle while
 * a long answer is still on its way out, and for busy when it was opened and nothing came.
 */
export class Connections {
  private readonly open = new Map<Socket, Connection>();

  constructor(private readonly server: Server) {
    server.on("connection", (socket) => {
      this.open.set(socket, { unanswered: 0, client: false, untouched: true });
      socket.once("close", () => this.open.delete(socket));
    });
  }

  /** Notes that a request came. It is over when its answer is, or its connection. */
  begin(request: IncomingMessage, over: ServerResponse | Socket, { client }: { client: boolean }): void {
    const connection = this.open.get(request.socket);
    if (!connection) return;
    connection.unanswered += 1;
    connection.newest = request;
    connection.client ||= client;
    connection.untouched = false;
    over.once("close", () => (connection.unanswered -= 1));
  }

  /** Whether nothing came after this request on its connection: only then may its answer close it. */
  isNewest(request: IncomingMessage): boolean {
    return this.open.get(request.socket)?.newest === request;
  }

  /** Open connections that have sent at least one application request. */
  get clients(): number {
    return [...this.open.values()].filter(({ client }) => client).length;
  }

  get size(): number {
    return this.open.size;
  }

  /** Closes what waits for no answer; `untouched` ones, whose first request may be on its way, only when told. */
  closeIdle({ untouched }: { untouched: boolean }): void {
    for (const [socket, connection] of this.open) {
      if (connection.unanswered === 0 && (untouched || !connection.untouched)) socket.destroy();
    }
  }

  /**
   * Stops listening and nothing else: `close` of an HTTP server would also close connections, by Node's list.
   * Resolves when the last connection is closed.
   */
  stopListening(): Promise<void> {
    return new Promise((resolve) => NetServer.prototype.close.call(this.server, () => resolve()));
  }
}
