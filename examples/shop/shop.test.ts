import assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs";
import { WebSocket } from "ws";
import { shopFile } from "./bundle";
import { ask, raw, reset } from "./testing/client";
import { Shop, spawnShop } from "./testing/shop";

describe("the sample app", () => {
  let shop: Shop;
  before(async () => {
    shop = await Shop.start({ HITLESS_SLOT: "blue", HITLESS_VERSION: "v1", HITLESS_LONGEST_REQUEST: "50ms" });
  });
  after(() => shop.kill());

  it("is one file that fits into a ConfigMap", () => {
    assert.ok(fs.statSync(shopFile()).size < 900_000);
  });

  it("names its slot and version in every answer, whatever is asked", async () => {
    for (const path of ["/", "/livez", "/readyz", "/metrics", "/slow?ms=1", "/slow?ms=x", "/nowhere"]) {
      const { headers } = await ask(shop.url + path);
      assert.equal(headers["x-hitless-slot"], "blue", path);
      assert.equal(headers["x-hitless-version"], "v1", path);
    }
    const { slot, version } = JSON.parse((await ask(shop.url)).body) as Record<string, string>;
    assert.deepEqual({ slot, version }, { slot: "blue", version: "v1" });
  });

  it("bounds a slow request by the longest request", async () => {
    const { body } = await ask(`${shop.url}/slow?ms=60000`);
    assert.equal((JSON.parse(body) as { ms: number }).ms, 50);
  });

  it("is not brought down by what a client sends", async () => {
    const upgrade = "HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    const plain = "HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    for (const text of [
      `GET // ${plain}`,
      `OPTIONS * ${plain}`,
      `GET http://[ ${plain}`,
      `GET // ${upgrade}`,
    ])
      assert.match(await raw(shop.port, text), /^HTTP\/1\.1 404/, text);
    assert.match(await raw(shop.port, "nonsense\r\n\r\n"), /^HTTP\/1\.1 400/);
    // Gone before the answer is written.
    for (let i = 0; i < 20; i++) await reset(shop.port, `GET /nowhere ${upgrade}`);
    assert.equal((await ask(shop.url)).status, 200);
  });

  it("says how often an order came", async () => {
    const order = async (body: string) => {
      const { status, body: text } = await ask(`${shop.url}/orders`, { method: "POST", body });
      return [status, JSON.parse(text)] as [number, object];
    };
    assert.deepEqual(await order('{"id":"a"}'), [201, { id: "a", seen: 1 }]);
    assert.deepEqual(await order('{"id":"b"}'), [201, { id: "b", seen: 1 }]);
    assert.deepEqual(await order('{"id":"a"}'), [201, { id: "a", seen: 2 }]);
    for (const wrong of ["", "{}", '{"id":7}', "null"]) assert.equal((await order(wrong))[0], 400, wrong);
  });

  it("echoes on its WebSocket, and names its slot in the handshake", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${shop.port}/ws`);
    let slot: unknown;
    socket.once("upgrade", ({ headers }) => (slot = headers["x-hitless-slot"]));
    await once(socket, "open");
    assert.equal(slot, "blue");
    socket.send('{"n":1}');
    const [message] = (await once(socket, "message")) as [Buffer];
    assert.equal(message.toString(), '{"n":1}');
    socket.terminate();
  });
});

describe("the sample app's metrics", () => {
  let shop: Shop;
  beforeEach(async () => void (shop = await Shop.start({ HITLESS_VERSION: "v7" })));
  afterEach(() => shop.kill());
  const metrics = async (): Promise<string> => (await ask(`${shop.url}/metrics`)).body;

  it("count application requests by code and version, but neither probes nor scrapes", async () => {
    for (const path of ["/", "/", "/nowhere", "/livez", "/readyz", "/metrics"]) await ask(shop.url + path);
    const text = await metrics();
    assert.match(text, /^http_requests_total\{code="200",version="v7"\} 2$/m);
    assert.match(text, /^http_requests_total\{code="404",version="v7"\} 1$/m);
    assert.match(text, /^http_request_duration_seconds_count\{version="v7"\} 3$/m);
  });

  it("count a connection as a client from its first application request until it closes", async () => {
    const clients = async () => Number(/^http_open_connections\{.*\} (\d+)$/m.exec(await metrics())?.[1]);
    assert.equal(await clients(), 0);
    const socket = new WebSocket(`ws://127.0.0.1:${shop.port}/ws`);
    await once(socket, "open");
    const slow = ask(`${shop.url}/slow?ms=150`);
    while ((await clients()) !== 2);
    await slow;
    while ((await clients()) !== 1);
    socket.close();
    while ((await clients()) !== 0);
  });
});

describe("the sample app's config", () => {
  it("is refused with every variable that is wrong, its value and what is allowed", async () => {
    const child = spawnShop({
      PORT: "70000",
      HITLESS_SHUTDOWN: "12",
      FAULT_ERROR_RATE: "5%",
      FAULT_NEVER_READY: "yes",
      FAULT_ERORR: "1",
    });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 2);
    assert.equal(
      said,
      [
        "The shop cannot start:",
        "  - FAULT_ERORR is no fault that this app knows; allowed: FAULT_ERROR_RATE, FAULT_START_DELAY, FAULT_NEVER_READY, FAULT_CRASH_AFTER, FAULT_EXIT_AT_SIGTERM",
        '  - HITLESS_SHUTDOWN is "12"; allowed: a duration such as "500ms", "30s" or "1m30s"',
        '  - PORT is "70000"; allowed: a whole number from 0 to 65535',
        '  - FAULT_ERROR_RATE is "5%"; allowed: a number from 0 to 1',
        '  - FAULT_NEVER_READY is "yes"; allowed: 1 or 0',
        "",
      ].join("\n"),
    );
  });
});

describe("the sample app's faults", () => {
  let shop: Shop | undefined;
  afterEach(() => shop?.kill());

  it("fail the given share of application requests and no probe", async () => {
    shop = await Shop.start({ FAULT_ERROR_RATE: "0.05" });
    const codes: number[] = [];
    for (let i = 0; i < 100; i++) {
      codes.push((await ask(shop.url)).status);
      if (i % 10 === 0) assert.equal((await ask(`${shop.url}/readyz`)).status, 200);
    }
    assert.equal(codes.filter((code) => code === 500).length, 5);
    assert.equal(codes.filter((code) => code === 200).length, 95);
  });

  it("keep it from ever being ready, though it lives", async () => {
    shop = await Shop.start({ FAULT_NEVER_READY: "1" });
    assert.equal((await ask(`${shop.url}/readyz`)).status, 503);
    assert.equal((await ask(`${shop.url}/livez`)).status, 200);
  });

  it("crash it after it began to listen", async () => {
    shop = await Shop.start({ FAULT_CRASH_AFTER: "1ms" });
    assert.equal(await shop.ended(), 1);
  });

  it("delay its start, and SIGTERM ends it while it still waits", async () => {
    const child = spawnShop({ FAULT_START_DELAY: "1h" });
    let listened = false;
    child.stdout?.once("data", () => (listened = true));
    // A signal before the app could set its handler would prove nothing.
    const timer = setInterval(() => child.kill("SIGTERM"), 400);
    const [code] = (await once(child, "exit")) as [number | null];
    clearInterval(timer);
    assert.equal(code, 0);
    assert.equal(listened, false);
  });
});
