import * as http from "node:http";
import * as net from "node:net";

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** One request, without retries. @throws what Node says when there is no whole answer */
export function ask(
  url: string,
  { method = "GET", body, agent }: { method?: string; body?: string; agent?: http.Agent } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent: agent ?? false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
      response.once("error", reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}

/**
 * A client that asks back to back on one connection until it is told `Connection: close`, as balancers and services
 * do. @returns how many requests were answered, and what ended it otherwise
 */
export async function busyClient(url: string): Promise<{ answered: number; error?: Error }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let answered = 0;
  try {
    for (;;) {
      const { headers } = await ask(url, { agent });
      answered += 1;
      if (headers.connection === "close") return { answered };
    }
  } catch (error) {
    return { answered, error: error as Error };
  } finally {
    agent.destroy();
  }
}

/** Sends bytes on a connection and collects what comes until the server closes it. */
export function raw(port: number, send: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = net.connect(port, "127.0.0.1", () => socket.write(send));
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.once("error", reject);
    socket.once("close", () => resolve(text));
  });
}

/** Sends bytes and resets the connection at once. */
export async function reset(port: number, send: string): Promise<void> {
  const socket = net.connect(port, "127.0.0.1", () => socket.write(send, () => socket.resetAndDestroy()));
  await new Promise((resolve) => socket.once("error", resolve).once("close", resolve));
}
