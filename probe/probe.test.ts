import assert from "node:assert/strict";
import { once } from "node:events";
import { HitlessError } from "../shared/errors";
import { Shop } from "../examples/shop/testing/shop";
import { startProbe } from "./run";
import { deadPort, probe, serve, slotServer, switchable, type TestServer } from "./testing/server";
import { CLIENT_KINDS, type ClientKind, type FailureKind, type ProbeOptions } from "./types";

const HTTP_KINDS: ClientKind[] = ["new-connection", "keep-alive", "slow", "post"];

describe("the probe", () => {
  const open: { close(): Promise<void> }[] = [];
  const own = <T extends { close(): Promise<void> }>(one: T): T => (open.push(one), one);
  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));
  const server = async (handler: Parameters<typeof serve>[0]): Promise<TestServer> =>
    own(await serve(handler));

  describe("classifies", () => {
    const all = async (kind: FailureKind, options: ProbeOptions, clients = HTTP_KINDS): Promise<string> => {
      const result = await probe({ clients, slowMs: 20, maxRequests: 40, ...options });
      assert.deepEqual(result.failures, { [kind]: 40 });
      assert.equal(result.failed, 40);
      for (const client of clients) assert.ok((result.byClient[client]?.failed ?? 0) > 0, client);
      return result.samples[0]?.detail ?? "";
    };

    it("a connection that nobody takes as refused", async () => {
      assert.match(await all("refused", { url: `http://127.0.0.1:${await deadPort()}` }), /ECONNREFUSED/);
    });

    it("a connection that ends instead of an answer as reset", async () => {
      const { url } = await server((request) => request.socket.resetAndDestroy());
      await all("reset", { url });
    });

    it("a connection that ends in the middle of an answer as reset", async () => {
      const { url } = await server((request, response) => {
        response.writeHead(200, { "content-length": 1000 });
        response.write("only this", () => request.socket.destroy());
      });
      await all("reset", { url });
    });

    it("an answer that does not come as timeout", async () => {
      const { url } = await server(() => undefined);
      assert.equal(await all("timeout", { url, timeoutMs: 30 }), "no answer within 30 ms");
    });

    it("an answer that never ends as timeout", async () => {
      const { url } = await server((_, response) => void response.write("some"));
      assert.equal(
        await all("timeout", { url, timeoutMs: 30 }),
        "only the beginning of an answer within 30 ms",
      );
    });

    it("an error of the server as status", async () => {
      const { url } = await server((request, response) => {
        request.resume();
        response.writeHead(500).end();
      });
      assert.match(await all("status", { url }), /^(GET|POST) \S+ answered 500$/);
    });

    it("an order that was taken twice as duplicate, and one that is answered as another as lost", async () => {
      const answering = (answer: (id: string) => object) =>
        server((request, response) => {
          let body = "";
          request.on("data", (chunk: Buffer) => (body += chunk.toString()));
          request.on("end", () => {
            const { id } = JSON.parse(body) as { id: string };
            response.writeHead(201).end(JSON.stringify(answer(id)));
          });
        });
      await all("duplicate", { url: (await answering((id) => ({ id, seen: 2 }))).url }, ["post"]);
      await all("lost", { url: (await answering(() => ({ id: "another", seen: 1 }))).url }, ["post"]);
    });
  });

  it("sees no failure in an app that has none, with every kind of client", async () => {
    const shop = await Shop.start({ HITLESS_SLOT: "blue", HITLESS_VERSION: "v1" });
    own({ close: () => shop.kill() });
    const result = await probe({
      url: shop.url,
      clients: CLIENT_KINDS,
      slowMs: 100,
      rate: 1000,
      maxRequests: 200,
    });
    assert.equal(result.failed, 0, JSON.stringify(result.samples));
    assert.equal(result.total, 200);
    for (const client of CLIENT_KINDS) assert.ok((result.byClient[client]?.total ?? 0) > 0, client);
    assert.deepEqual(result.bySlot, { blue: 200 });
    assert.deepEqual(result.byVersion, { v1: 200 });
    assert.equal(
      result.timeline.reduce((sum, { ok }) => sum + ok, 0),
      200,
    );
  });

  it("counts an app's faults to the last one", async () => {
    const shop = await Shop.start({ FAULT_ERROR_RATE: "0.05" });
    own({ close: () => shop.kill() });
    const result = await probe({
      url: shop.url,
      clients: HTTP_KINDS,
      slowMs: 100,
      rate: 1000,
      maxRequests: 200,
    });
    assert.deepEqual(result.failures, { status: 10 });
  });

  it("makes no more requests than it may, and repeats none", async () => {
    const failing = await server((request) => request.socket.resetAndDestroy());
    assert.equal((await probe({ url: failing.url, maxRequests: 57 })).total, 57);
    assert.equal(failing.requests, 57);
  });

  it("opens a connection for each request of one kind, and keeps them for the other", async () => {
    const blue = own(await slotServer("blue"));
    await probe({ url: blue.url, clients: ["new-connection"], maxRequests: 60 });
    assert.equal(blue.connections, 60);
    const { lastSlotOf } = await probe({
      url: blue.url,
      clients: ["keep-alive"],
      maxRequests: 60,
      rate: 600,
    });
    assert.ok(blue.connections > 60 && blue.connections <= 76, `${blue.connections}`);
    assert.equal(lastSlotOf["keep-alive"]?.length, blue.connections - 60);
  });

  it("comes again when a server closes a connection that idles: no failure", async () => {
    const closing = await server((request, response) => {
      response.end("once", () => request.socket.end());
    });
    const result = await probe({ url: closing.url, clients: ["keep-alive"], rate: 60, maxRequests: 12 });
    assert.deepEqual([result.total, result.failed, closing.connections], [12, 0, 12]);
  });

  it("sends to the path and query that it was given", async () => {
    const seen = new Set<string>();
    const { url } = await server((request, response) => {
      seen.add(`${request.method} ${request.url}`);
      response.end();
    });
    await probe({ url: `${url}/a/b?c=d`, maxRequests: 10 });
    assert.deepEqual([...seen], ["GET /a/b?c=d"]);
  });

  it("does not bury a server that hangs, and says how many requests it did not make", async () => {
    const hanging = await server(() => undefined);
    const running = await startProbe({ url: hanging.url, rate: 1000, timeoutMs: 1000 });
    while ((await running.snapshot()).skipped < 100)
      await once(hanging.http, "request", { signal: AbortSignal.timeout(20) }).catch(() => undefined);
    assert.ok(hanging.open.size <= 216, `${hanging.open.size} open`);
    await hanging.close();
    await running.stop();
  });

  it("waits at its stop for what is in flight, and calls nothing a failure because it stopped", async () => {
    const slow = await server((_, response) => void setTimeout(() => response.end("late"), 150));
    const running = await startProbe({ url: slow.url, rate: 200, clients: HTTP_KINDS.slice(0, 3) });
    while (slow.requests < 10) await once(slow.http, "request");
    const { requests } = slow;
    const result = await running.stop();
    assert.equal(result.failed, 0);
    assert.equal(result.total, slow.requests);
    assert.ok(slow.requests <= requests + 5);
    assert.deepEqual(await running.stop(), result);
    assert.deepEqual(await running.snapshot(), result);
  });

  it("tells of failures when they happen", async () => {
    const running = await startProbe({ url: `http://127.0.0.1:${await deadPort()}`, rate: 500 });
    const kinds: string[] = [];
    const off = running.onFailure(({ kind }) => kinds.push(kind));
    await running.untilFailures(5);
    off();
    assert.deepEqual(kinds.slice(0, 5), Array(5).fill("refused"));
    const { failed } = await running.stop();
    assert.ok(failed >= 5);
    await running.untilFailures(1_000_000);
  });

  it("ends by a signal as by its stop", async () => {
    const blue = own(await slotServer("blue"));
    const abort = new AbortController();
    const running = await startProbe({ url: blue.url }, { signal: abort.signal });
    await once(blue.http, "request");
    abort.abort();
    await running.ended;
    assert.equal((await running.stop()).failed, 0);
  });

  it("shows keep-alive clients staying with the old slot until it tells them to go, and new connections moving at once", async () => {
    const duck = { lameDuck: false };
    const [blue, green] = [own(await slotServer("blue", duck)), own(await slotServer("green"))];
    const front = own(await switchable(blue));
    const running = await startProbe({ url: front.url, rate: 300 });
    const until = async (
      done: (kinds: Record<string, string[]>, total: Record<string, number>) => boolean,
    ) => {
      for (;;) {
        const { lastSlotOf, bySlot } = await running.snapshot();
        if (done(lastSlotOf, bySlot)) return lastSlotOf;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const unanimous = (slots: string[] | undefined, slot: string) =>
      slots !== undefined && slots.length > 1 && slots.every((one) => one === slot);
    await until((kinds, by) => unanimous(kinds["keep-alive"], "blue") && (by.blue ?? 0) > 50);
    front.to = green;
    const switched = Date.now();
    const split = await until((_, by) => (by.green ?? 0) > 50);
    assert.deepEqual(split["new-connection"], ["green"]);
    assert.ok(unanimous(split["keep-alive"], "blue"), JSON.stringify(split));
    duck.lameDuck = true;
    await until((kinds) => unanimous(kinds["keep-alive"], "green"));
    const { failed, slots, lastSlotOf } = await running.stop();
    assert.equal(failed, 0);
    assert.ok(unanimous(lastSlotOf["keep-alive"], "green"));
    assert.ok((slots.blue?.lastNewConnection ?? Infinity) <= switched);
    assert.ok((slots.green?.firstNewConnection ?? 0) >= switched);
    assert.ok((slots.blue?.lastSeen ?? 0) > switched);
  });

  it("refuses options that it cannot use, all at once", async () => {
    const options = {
      url: "ftp://x",
      rate: 0,
      clients: ["browser"] as unknown as ClientKind[],
      paths: { post: "orders" },
    };
    await assert.rejects(startProbe(options), (error) => {
      assert.ok(error instanceof HitlessError);
      assert.equal(error.code, 2);
      assert.deepEqual(
        error.problems.map(({ where }) => where),
        ["url", "rate", "clients", "paths.post"],
      );
      return true;
    });
  });
});
