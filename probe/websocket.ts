import { WebSocket } from "ws";
import { classify, describeError } from "./classify";
import type { Tally } from "./tally";

interface Options {
  url: string;
  everyMs: number;
  timeoutMs: number;
  mayRequest: () => boolean;
  id: string;
  tally: Tally;
}

/** The closes by which a server says in good order that the client should come again. */
const ORDERLY = new Set([1000, 1001]);

/**
 * A client that keeps a WebSocket open and wants each message echoed. When the server closes in good order it comes
 * back at once and sends what was not answered yet; any other end of the connection is a failure.
 */
export class WebSocketClient {
  private socket: WebSocket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private next = 0;
  private stopping = false;
  private slot = "";
  private version = "";
  private readonly unanswered = new Map<string, number>();
  private finish: (() => void) | undefined;
  private ended = false;

  constructor(private readonly options: Options) {
    this.open();
    this.timer = setInterval(() => this.tick(), options.everyMs);
  }

  /** Closes when every message was answered, or failed. */
  stop(): Promise<void> {
    this.stopping = true;
    return new Promise((resolve) => {
      this.finish = resolve;
      this.tryFinish();
    });
  }

  private open(): void {
    const began = performance.now();
    const socket = new WebSocket(this.options.url, { handshakeTimeout: this.options.timeoutMs });
    this.socket = socket;
    socket.on("upgrade", (response) => {
      this.slot = String(response.headers["x-hitless-slot"] ?? "");
      this.version = String(response.headers["x-hitless-version"] ?? "");
    });
    socket.on("message", (data) => this.answered((data as Buffer).toString()));
    socket.on("open", () => {
      // Sent before, closed by the server before it was answered: asked again, and due as before.
      for (const message of this.unanswered.keys()) socket.send(message);
    });
    let opened = false;
    socket.once("open", () => (opened = true));
    socket.once("error", (error) => {
      if (!opened && !this.ended) this.fail(classify(error), describeError(error), performance.now() - began);
    });
    socket.once("close", (code) => {
      this.options.tally.connection(this.options.id, "websocket", undefined);
      if (this.ended) return;
      if (opened && !ORDERLY.has(code)) this.fail("reset", `closed with ${code}`, 0);
      if (this.stopping && this.unanswered.size === 0) return this.tryFinish();
      setTimeout(() => !this.ended && this.open(), opened ? 0 : this.options.everyMs);
    });
  }

  private tick(): void {
    const { timeoutMs, mayRequest } = this.options;
    for (const [message, began] of this.unanswered) {
      if (performance.now() - began < timeoutMs) continue;
      this.unanswered.delete(message);
      this.fail("lost", "a message was not answered", timeoutMs);
    }
    this.tryFinish();
    if (this.stopping || this.socket?.readyState !== WebSocket.OPEN || !mayRequest()) return;
    const message = JSON.stringify({ message: this.next++ });
    this.unanswered.set(message, performance.now());
    this.socket.send(message, () => undefined);
  }

  private answered(text: string): void {
    const began = this.unanswered.get(text);
    if (began === undefined) {
      this.greeted(text);
      return;
    }
    this.unanswered.delete(text);
    const { tally, id } = this.options;
    tally.record({
      client: "websocket",
      slot: this.slot,
      version: this.version,
      fresh: false,
      ms: performance.now() - began,
    });
    tally.connection(id, "websocket", this.slot);
    this.tryFinish();
  }

  /** A server may introduce itself: which slot this session is with. */
  private greeted(text: string): void {
    try {
      const { slot, version } = JSON.parse(text) as { slot?: string; version?: string };
      this.slot = slot ?? this.slot;
      this.version = version ?? this.version;
    } catch {
      // Something else that the server said.
    }
  }

  private fail(
    kind: "refused" | "reset" | "timeout" | "lost" | "status" | "duplicate",
    detail: string,
    ms: number,
  ): void {
    this.options.tally.record({
      client: "websocket",
      slot: "",
      version: "",
      fresh: false,
      ms,
      failure: { kind, detail },
    });
  }

  private tryFinish(): void {
    if (!this.stopping || this.ended || this.unanswered.size > 0 || !this.finish) return;
    this.ended = true;
    clearInterval(this.timer);
    this.socket?.close(1000);
    const socket = this.socket;
    setTimeout(() => socket?.terminate(), 1000).unref();
    this.finish();
  }
}
