import assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import { WebSocket } from "ws";
import { ask, busyClient, raw } from "./testing/client";
import { Shop } from "./testing/shop";

const CLIENTS = 20;

/** What many busy clients, one slow request and a WebSocket see when the shop is told to end. */
async function terminateUnderLoad(shop: Shop): Promise<{ answered: number; failed: number; slow: unknown }> {
  const clients = Array.from({ length: CLIENTS }, () => busyClient(shop.url));
  const slow = ask(`${shop.url}/slow?ms=300`).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  while (!/open_connections\{.*\} 21$/m.test((await ask(`${shop.url}/metrics`)).body));
  shop.terminate();
  const seen = await Promise.all(clients);
  return {
    answered: seen.reduce((sum, { answered }) => sum + answered, 0),
    failed: seen.filter(({ error }) => error).length,
    slow: await slow,
  };
}

describe("the sample app at SIGTERM", () => {
  let shop: Shop | undefined;
  afterEach(() => shop?.kill());
  const start = async (env: Record<string, string> = {}): Promise<Shop> =>
    (shop = await Shop.start({ HITLESS_SHUTDOWN: "8s", HITLESS_LAME_DUCK: "250ms", ...env }));

  it("drops no request of clients that never idle, finishes the slow one, and exits with 0", async () => {
    const { answered, failed, slow } = await terminateUnderLoad(await start());
    assert.ok(answered > CLIENTS, `${answered} answered`);
    assert.equal(failed, 0);
    assert.equal(slow, 200);
    assert.equal(await shop?.ended(), 0);
  });

  it("drops them when it exits at once instead: the control that shows the load would notice", async () => {
    const { failed, slow } = await terminateUnderLoad(await start({ FAULT_EXIT_AT_SIGTERM: "1" }));
    assert.ok(failed > 0);
    assert.equal(slow, "ECONNRESET");
    assert.equal(await shop?.ended(), 0);
  });

  it("goes on accepting and answering in its lame duck, stays ready, and tells every client to leave", async () => {
    const { url } = await start({ HITLESS_LAME_DUCK: "5s" });
    shop?.terminate();
    while ((await ask(url)).headers.connection !== "close");
    for (const path of ["/", "/readyz", "/livez", "/orders"]) {
      const { status, headers } = await ask(
        url + path,
        path === "/orders" ? { method: "POST", body: '{"id":"x"}' } : {},
      );
      assert.ok(status < 300, `${path} answered ${status}`);
      assert.equal(headers.connection, "close");
    }
  });

  it("closes WebSockets with 1001 and waits for their goodbye, those opened in the lame duck too", async () => {
    const { port, url } = await start();
    const open = async (): Promise<WebSocket> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
      await once(socket, "open");
      return socket;
    };
    const closed = async (socket: WebSocket) => ((await once(socket, "close")) as [number])[0];
    const before = await Promise.all([open(), open(), open()]);
    const closes = before.map(closed);
    const slow = ask(`${url}/slow?ms=200`);
    shop?.terminate();
    assert.deepEqual(await Promise.all(closes), [1001, 1001, 1001]);
    const late = await open();
    assert.equal(await closed(late), 1001);
    assert.equal((await slow).status, 200);
    assert.equal(await shop?.ended(), 0);
  });

  it("answers all requests that a client sent in one go before it closes", async () => {
    const { port, url } = await start({ HITLESS_LAME_DUCK: "5s" });
    shop?.terminate();
    while ((await ask(url)).headers.connection !== "close");
    const text = await raw(port, "GET /slow?ms=20 HTTP/1.1\r\nhost: x\r\n\r\n".repeat(5));
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 5);
    assert.equal(text.match(/connection: close/gi)?.length, 1);
  });

  it("closes connections that wait for nothing, never asked, or never answer a WebSocket's goodbye: exit 0", async () => {
    const { port } = await start({ HITLESS_LAME_DUCK: "10ms" });
    const [idle, untouched, deaf] = [0, 1, 2].map(() => net.connect(port, "127.0.0.1")) as [
      net.Socket,
      net.Socket,
      net.Socket,
    ];
    idle.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    deaf.write(
      "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await Promise.all([once(idle, "data"), once(deaf, "data")]);
    const closed = [idle, untouched, deaf].map((socket) => once(socket.resume(), "close"));
    shop?.terminate();
    await Promise.all(closed);
    assert.equal(await shop?.ended(), 0);
  });

  it("goes on draining when it is told again", async () => {
    const { url } = await start();
    const slow = ask(`${url}/slow?ms=400`);
    shop?.terminate();
    while ((await ask(url)).headers.connection !== "close");
    shop?.terminate();
    assert.equal((await slow).status, 200);
    assert.equal(await shop?.ended(), 0);
  });

  it("is cut when a request takes longer than its shutdown: exit 1, and the log says what was open", async () => {
    const { url } = await start({ HITLESS_SHUTDOWN: "300ms", HITLESS_LAME_DUCK: "10ms" });
    const slow = ask(`${url}/slow?ms=5000`).then(
      () => "answered",
      (error: NodeJS.ErrnoException) => error.code,
    );
    while (!/open_connections\{.*\} 1$/m.test((await ask(`${url}/metrics`)).body));
    shop?.terminate();
    assert.equal(await slow, "ECONNRESET");
    assert.equal(await shop?.ended(), 1);
    assert.deepEqual(shop?.log.at(-1), { event: "forced exit", openConnections: 1 });
  });
});
