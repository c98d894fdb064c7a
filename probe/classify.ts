import type { FailureKind } from "./types";

/** Which kind of failure an error of the HTTP or WebSocket client is. What is none of the others cut the connection: reset. */
export function classify(error: unknown): FailureKind {
  for (
    let cause: unknown = error, depth = 0;
    cause instanceof Error && depth < 5;
    cause = cause.cause, depth++
  ) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    if (["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"].includes(code))
      return "refused";
    if (
      [
        "UND_ERR_HEADERS_TIMEOUT",
        "UND_ERR_BODY_TIMEOUT",
        "UND_ERR_CONNECT_TIMEOUT",
        "UND_ERR_ABORTED",
        "ETIMEDOUT",
      ].includes(code)
    )
      return "timeout";
    if (cause.name === "TimeoutError" || cause.name === "AbortError") return "timeout";
    if (cause instanceof AggregateError && cause.errors.length > 0) return classify(cause.errors[0]);
  }
  return "reset";
}

export function describeError(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as NodeJS.ErrnoException).code;
  return code ? `${code}: ${cause.message}` : cause.message;
}
