import type { IncomingMessage } from "node:http";
import type { Answer } from "./routes";

/** More than any order here needs. */
const LARGEST_BODY = 64 * 1024;

/** The newest orders are remembered, not all: this is a pod that may run for weeks. */
const REMEMBERED = 100_000;

/** Takes orders `{ "id": "..." }` and says how often each came: 2 and more is a delivery too many. */
export function createOrders(): (request: IncomingMessage, answer: Answer) => void {
  const seen = new Map<string, number>();
  return (request, answer) => {
    let body = "";
    let size = 0;
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) body += chunk;
    });
    request.on("end", () => {
      if (size > LARGEST_BODY) return answer(413, { error: `more than ${LARGEST_BODY} characters` });
      const id = idOf(body);
      if (id === undefined) return answer(400, { error: 'a JSON object with a string "id" is wanted' });
      const times = (seen.get(id) ?? 0) + 1;
      seen.set(id, times);
      if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value ?? "");
      answer(201, { id, seen: times });
    });
  };
}

function idOf(body: string): string | undefined {
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === "string" && id !== "" ? id : undefined;
  } catch {
    return undefined;
  }
}
