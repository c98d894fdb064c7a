import type { Client, Dispatcher } from "undici";
import { AnswerTimeout } from "./classify";

export interface Request {
  method: "GET" | "POST";
  path: string;
  body?: string;
  /** The connection is closed after the answer. */
  last?: boolean;
  /** Milliseconds for the whole of it: to connect, to ask, and to get the last byte of the answer. */
  timeoutMs: number;
}

export interface Response {
  status: number;
  slot: string;
  version: string;
  /** The body, where one was sent and the answer is short; the rest is read and forgotten. */
  body: string;
}

/** Answers to what we send are short; of pages that we GET nothing is kept. */
const MOST_KEPT = 64 * 1024;

/**
 * One request, sent once: undici repeats nothing that it has sent.
 * @throws what cut the answer off, or AnswerTimeout
 */
export function exchange(client: Client, request: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    const answer = new Answer(request, resolve, reject);
    const { method, path, body, last = false } = request;
    const headers = {
      "user-agent": "hitless-probe",
      ...(body ? { "content-type": "application/json" } : {}),
    };
    // Its own timeouts are coarse, and each covers a part only.
    client.dispatch(
      { method, path, headers, body: body ?? null, reset: last, headersTimeout: 0, bodyTimeout: 0 },
      answer,
    );
  });
}

class Answer implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private response: Response = { status: 0, slot: "", version: "", body: "" };
  private readonly timer: NodeJS.Timeout;
  private late: AnswerTimeout | undefined;

  constructor(
    private readonly request: Request,
    private readonly resolve: (response: Response) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.timer = setTimeout(() => this.timeOut(), request.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // It waited for a connection for too long.
    if (this.late) controller.abort(this.late);
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    const one = (name: string): string => [headers[name] ?? ""].flat()[0] ?? "";
    this.response = { status, slot: one("x-hitless-slot"), version: one("x-hitless-version"), body: "" };
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (this.request.body && this.response.body.length < MOST_KEPT) this.response.body += chunk.toString();
  }

  onResponseEnd(): void {
    clearTimeout(this.timer);
    this.resolve(this.response);
  }

  onResponseError(_: unknown, error: Error): void {
    clearTimeout(this.timer);
    this.reject(this.late ?? error);
  }

  private timeOut(): void {
    const { timeoutMs } = this.request;
    const got = this.response.status ? `only the beginning of an answer` : "no answer";
    this.late = new AnswerTimeout(`${got} within ${timeoutMs} ms`);
    this.controller?.abort(this.late);
    this.reject(this.late);
  }
}
