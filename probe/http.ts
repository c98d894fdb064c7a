import { randomUUID } from "node:crypto";
import { buildConnector, Client } from "undici";
import { classify, describeError } from "./classify";
import { exchange, type Request, type Response } from "./exchange";
import type { Settings } from "./options";
import type { Failure, Tally } from "./tally";
import type { ClientKind } from "./types";

/** What one lane does each time it is its turn; nothing, where it has no connection now. It never throws: what went wrong is in the tally. */
export interface Lane {
  once(): Promise<unknown> | undefined;
  close(): Promise<unknown>;
}

/** Makes the requests of one kind of client and counts what became of them. */
export class HttpLanes {
  private readonly connect: ReturnType<typeof buildConnector>;

  constructor(
    private readonly settings: Settings,
    private readonly tally: Tally,
  ) {
    // Shared, so that TLS sessions are resumed as a browser would.
    this.connect = buildConnector({ timeout: settings.timeoutMs });
  }

  /** A connection for each request. */
  fresh(kind: ClientKind, request: Request): Lane {
    const open = new Set<Client>();
    return {
      once: async () => {
        const client = this.client();
        open.add(client);
        const opened = Date.now();
        const { slot } = await this.ask(kind, client, { ...request, last: true }, () => opened);
        if (slot) this.tally.connection(`${kind} newest`, kind, slot);
        open.delete(client);
        await client.destroy();
      },
      close: () => Promise.all([...open].map((client) => client.destroy())),
    };
  }

  /** One connection that is kept, and opened again when the server has closed it. */
  kept(kind: ClientKind, id: string, next: () => Request & Checked): Lane {
    const client = this.client();
    let opened: number | undefined;
    client.on("connect", () => (opened = Date.now()));
    client.on("disconnect", () => this.tally.connection(id, kind, undefined));
    return {
      once: async () => {
        const { slot } = await this.ask(kind, client, next(), () => {
          const first = opened;
          opened = undefined;
          return first;
        });
        // Not when the answer closed the connection.
        if (slot && client.stats.connected) this.tally.connection(id, kind, slot);
      },
      close: () => client.destroy(),
    };
  }

  private client(): Client {
    return new Client(this.settings.url.origin, {
      connect: this.connect,
      pipelining: 1,
      // Longer than servers keep theirs: it is the server's part to close, as it is with most clients.
      keepAliveTimeout: 600_000,
      keepAliveMaxTimeout: 600_000,
    });
  }

  private async ask(
    client: ClientKind,
    connection: Client,
    request: Request & Checked,
    opened: () => number | undefined,
  ): Promise<{ slot: string }> {
    const began = performance.now();
    let response: Response | undefined;
    let failure: Failure | undefined;
    try {
      response = await exchange(connection, request);
      if (!this.settings.expects(response.status)) {
        failure = { kind: "status", detail: `${request.method} ${request.path} answered ${response.status}` };
      } else failure = request.check?.(response.body);
    } catch (error) {
      failure = { kind: classify(error), detail: describeError(error) };
    }
    const { slot = "", version = "" } = response ?? {};
    this.tally.record({ client, slot, version, ms: performance.now() - began, opened: opened(), failure });
    return { slot };
  }
}

interface Checked {
  /** Looks at the body of an expected answer. */
  check?: (body: string) => Failure | undefined;
}

/** A POST that must be taken exactly once. */
export function order(path: string, timeoutMs: number): Request & Checked {
  const id = randomUUID();
  return {
    method: "POST",
    path,
    timeoutMs,
    body: JSON.stringify({ id }),
    check: (body) => checkOrder(id, body),
  };
}

/** What is wrong with the answer to an order, if anything. Pure. */
export function checkOrder(id: string, body: string): Failure | undefined {
  let answer: { id?: unknown; seen?: unknown };
  try {
    answer = Object(JSON.parse(body)) as typeof answer;
  } catch {
    return { kind: "lost", detail: `order ${id}: the answer is not JSON` };
  }
  if (answer.id === undefined) return { kind: "lost", detail: `order ${id}: the answer names no order` };
  if (answer.id !== id)
    return { kind: "lost", detail: `order ${id}: the answer is to order ${JSON.stringify(answer.id)}` };
  if (answer.seen !== undefined && answer.seen !== 1)
    return { kind: "duplicate", detail: `order ${id} was taken ${JSON.stringify(answer.seen)} times` };
  return undefined;
}
