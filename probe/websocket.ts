import { WebSocket } from "ws";
import { classify, describeError } from "./classify";
import type { Load } from "./load";
import type { Failure } from "./tally";

export interface SocketOptions {
  url: string;
  /** Its name in the tally. */
  id: string;
  timeoutMs: number;
}

interface Message {
  began: number;
  timer: NodeJS.Timeout;
  /** On which session it was sent last. */
  session: WebSocket;
  over: () => void;
}

/** The closes by which a server says in good order that the client should come again. */
const ORDERLY = [1000, 1001];
/** After a session that failed, or that was over at once: not in a tight circle. */
const PAUSE_MS = 250;
/** How long the server may take to answer our goodbye. */
const GOODBYE_MS = 1000;
/** Messages that are remembered after their answer, to notice a second one. */
const REMEMBERED = 64;

/**
 * A client that keeps a WebSocket open and wants each message echoed. When the server closes in good order, it comes
 * back at once and sends again what was not answered: the close crossed it on its way. Any other end of the connection
 * is a failure, and so is each message that was not answered then.
 */
export class SocketClient {
  private session: WebSocket | undefined;
  private readonly unanswered = new Map<string, Message>();
  private readonly answered = new Set<string>();
  private sent = 0;
  private slot = "";
  private version = "";
  /** When the session was begun, until its first answer. */
  private opened: number | undefined;
  private again: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(
    private readonly options: SocketOptions,
    private readonly load: Load,
  ) {
    this.open();
  }

  /** Sends a message, if the session is open. @returns when it was answered, or counted as failed */
  once(): Promise<void> | undefined {
    const session = this.session;
    if (session?.readyState !== WebSocket.OPEN) return undefined;
    const text = JSON.stringify({ from: this.options.id, message: ++this.sent });
    return new Promise((over) => {
      const timer = setTimeout(() => this.timeOut(text), this.options.timeoutMs);
      this.unanswered.set(text, { began: performance.now(), timer, session, over });
      session.send(text, () => undefined);
    });
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.again);
    const session = this.session;
    if (!session || session.readyState === WebSocket.CLOSED) return;
    if (session.readyState === WebSocket.CONNECTING) return session.terminate();
    const closed = new Promise((resolve) => session.once("close", resolve));
    const timer = setTimeout(() => session.terminate(), GOODBYE_MS);
    session.close(1000);
    await closed;
    clearTimeout(timer);
  }

  private open(): void {
    const { url, timeoutMs } = this.options;
    const began = Date.now();
    const session = new WebSocket(url, { handshakeTimeout: timeoutMs, perMessageDeflate: false });
    this.session = session;
    let failed: Error | undefined;
    let opened = false;
    session.once("upgrade", ({ headers }) => {
      this.slot = [headers["x-hitless-slot"] ?? ""].flat()[0] ?? "";
      this.version = [headers["x-hitless-version"] ?? ""].flat()[0] ?? "";
    });
    session.once("open", () => {
      opened = true;
      this.opened = began;
      for (const [text, message] of this.unanswered) {
        message.session = session;
        session.send(text, () => undefined);
      }
    });
    session.on("message", (data: Buffer) => this.echoed(data.toString()));
    session.on("error", (error) => (failed = error));
    session.once("close", (code) => {
      this.load.tally.connection(this.options.id, "websocket", undefined);
      if (this.closing) return;
      const orderly = opened && ORDERLY.includes(code);
      if (!opened) this.failBeside({ kind: classify(failed), detail: `handshake: ${describeError(failed)}` });
      else if (!orderly) this.cut(session, code, failed);
      // After the last request there is nothing to come back for but an answer that is due.
      if (this.load.over && this.unanswered.size === 0) return;
      const wait = orderly && Date.now() - began > PAUSE_MS ? 0 : PAUSE_MS;
      this.again = setTimeout(() => this.open(), wait);
    });
  }

  private echoed(text: string): void {
    const message = this.take(text);
    if (!message) {
      // Something else that the server says is its own affair; a second answer is not.
      if (this.answered.delete(text))
        this.failBeside({ kind: "duplicate", detail: `${text} was answered twice` });
      return;
    }
    this.answered.add(text);
    if (this.answered.size > REMEMBERED) this.answered.delete(this.answered.values().next().value ?? "");
    const { slot, version, opened } = this;
    this.opened = undefined;
    const ms = performance.now() - message.began;
    this.load.tally.record({ client: "websocket", slot, version, ms, opened });
    if (this.session?.readyState === WebSocket.OPEN)
      this.load.tally.connection(this.options.id, "websocket", slot);
    message.over();
  }

  /** The connection ended without a goodbye: that is one failure, and each unanswered message is one. */
  private cut(session: WebSocket, code: number, error: Error | undefined): void {
    const how = `closed with ${code}${error ? ` (${describeError(error)})` : ""}${this.slot ? ` by ${this.slot}` : ""}`;
    this.failBeside({ kind: "reset", detail: how });
    for (const [text, message] of this.unanswered) {
      if (message.session === session)
        this.lose(text, { kind: "lost", detail: `${text} was not answered: ${how}` });
    }
  }

  private timeOut(text: string): void {
    const { timeoutMs } = this.options;
    const session = this.unanswered.get(text)?.session;
    const alive = session?.readyState === WebSocket.OPEN;
    this.lose(
      text,
      alive
        ? { kind: "timeout", detail: `${text} was not answered within ${timeoutMs} ms` }
        : {
            kind: "lost",
            detail: `${text} was sent before a goodbye, and could not be sent again within ${timeoutMs} ms`,
          },
    );
  }

  private lose(text: string, failure: Failure): void {
    const message = this.take(text);
    if (!message) return;
    this.fail(failure);
    message.over();
  }

  private take(text: string): Message | undefined {
    const message = this.unanswered.get(text);
    this.unanswered.delete(text);
    clearTimeout(message?.timer);
    return message;
  }

  /** A failure that is not of a message: it counts as a request of its own. */
  private failBeside(failure: Failure): void {
    this.load.count();
    this.fail(failure);
  }

  private fail(failure: Failure): void {
    this.load.tally.record({ client: "websocket", slot: "", version: "", ms: 0, failure });
  }
}
