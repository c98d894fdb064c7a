import type { FailureKind } from "./types";

/** No connection was made. */
const REFUSED = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "EADDRNOTAVAIL",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

const TIMEOUT = new Set([
  "ETIMEDOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** No whole answer came in time. */
export class AnswerTimeout extends Error {}

/** Which kind of failure an error of the HTTP or WebSocket client is. What is none of the others cut the connection: reset. */
export function classify(error: unknown): FailureKind {
  if (error instanceof AnswerTimeout) return "timeout";
  for (const { code, message } of causes(error)) {
    if (REFUSED.has(code) || /certificate|self-signed/i.test(message)) return "refused";
    if (TIMEOUT.has(code) || message === "Opening handshake has timed out") return "timeout";
    if (/^Unexpected server response: \d+$/.test(message)) return "status";
  }
  return "reset";
}

/** An error in one line: the innermost cause says most. */
export function describeError(error: unknown): string {
  const { code, message } = causes(error).at(-1) ?? { code: "", message: String(error) };
  return code && !message.includes(code) ? `${code}: ${message}` : message || code;
}

/** The error and what caused it, outermost first. Of several tries at once (IPv4, IPv6) the last counts. */
function causes(error: unknown): { code: string; message: string }[] {
  const found: { code: string; message: string }[] = [];
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; depth++) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    found.push({ code: String(code), message });
    cause = cause instanceof AggregateError ? cause.errors.at(-1) : cause.cause;
  }
  return found;
}
