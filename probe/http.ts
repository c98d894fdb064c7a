import { randomUUID } from "node:crypto";
import { Client, type Dispatcher, Pool } from "undici";
import { classify, describeError } from "./classify";
import type { Tally } from "./tally";
import type { ClientKind, FailureKind } from "./types";

export interface HttpRequest {
  client: ClientKind;
  method: "GET" | "POST";
  path: string;
  body?: string;
  headers?: Record<string, string>;
  /** Closes the connection after the answer, so that the next request opens another. */
  fresh: boolean;
  /** Looks at a good answer's body; what it returns is a failure. */
  check?: (body: string) => { kind: FailureKind; detail: string } | undefined;
  timeoutMs: number;
}

/** One request, without retries, and what became of it. @returns the slot that answered, "" if none */
export async function send(dispatcher: Dispatcher, request: HttpRequest, tally: Tally): Promise<string> {
  const { client, fresh } = request;
  const began = performance.now();
  let slot = "";
  let version = "";
  let failure: { kind: FailureKind; detail: string } | undefined;
  try {
    const response = await dispatcher.request({
      method: request.method,
      path: request.path,
      body: request.body ?? null,
      ...(request.headers ? { headers: request.headers } : {}),
      reset: fresh,
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.timeoutMs,
    });
    slot = first(response.headers["x-hitless-slot"]);
    version = first(response.headers["x-hitless-version"]);
    const body = await response.body.text();
    if (response.statusCode < 200 || response.statusCode > 299)
      failure = { kind: "status", detail: `answered ${response.statusCode}` };
    else failure = request.check?.(body);
  } catch (error) {
    failure = { kind: classify(error), detail: describeError(error) };
  }
  tally.record({
    client,
    slot,
    version,
    fresh,
    ms: performance.now() - began,
    ...(failure ? { failure } : {}),
  });
  return slot;
}

const first = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? (value[0] ?? "") : (value ?? "");

/** A pool in which each request has a connection of its own. */
export const freshPool = (origin: string, timeoutMs: number): Pool =>
  new Pool(origin, { connections: null, pipelining: 1, connect: { timeout: timeoutMs } });

/** One connection that is kept, as a service's client keeps it. */
export const keptClient = (origin: string, timeoutMs: number): Client =>
  new Client(origin, {
    pipelining: 1,
    keepAliveTimeout: 600_000,
    keepAliveMaxTimeout: 600_000,
    connect: { timeout: timeoutMs },
  });

/** An order that must be taken exactly once. */
export function order(): Pick<HttpRequest, "body" | "headers" | "check"> {
  const id = randomUUID();
  return {
    body: JSON.stringify({ id }),
    headers: { "content-type": "application/json" },
    check: (text) => {
      let answer: { id?: unknown; seen?: unknown };
      try {
        answer = JSON.parse(text) as typeof answer;
      } catch {
        return { kind: "lost", detail: "the answer is not JSON" };
      }
      if (answer.id !== id)
        return { kind: "lost", detail: `asked for ${id}, answered for ${String(answer.id)}` };
      if (answer.seen !== undefined && answer.seen !== 1)
        return { kind: "duplicate", detail: `order ${id} was taken ${String(answer.seen)} times` };
      return undefined;
    },
  };
}
