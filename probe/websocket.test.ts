import assert from "node:assert/strict";
import { startProbe } from "./run";
import { deadPort, probe, serve, serveSockets } from "./testing/server";
import type { ProbeResult } from "./types";

type Reaction = Parameters<typeof serveSockets>[0];

describe("the probe's WebSockets", () => {
  const run = async (
    reaction: Reaction,
    options: { timeoutMs?: number } = {},
  ): Promise<[ProbeResult, number]> => {
    const server = await serveSockets(reaction);
    try {
      const result = await probe({
        url: server.url,
        clients: ["websocket"],
        rate: 400,
        maxRequests: 40,
        ...options,
      });
      return [result, server.sessions];
    } finally {
      await server.close();
    }
  };
  /** Echoes, and once, in its first session, does something else with its third message. */
  const onceOther = (other: Reaction): Reaction => {
    let messages = 0;
    return (client, text, session) => (++messages === 3 ? other(client, text, session) : client.send(text));
  };

  it("are answered by the slot that the handshake named", async () => {
    const [{ total, failed, bySlot, lastSlotOf }, sessions] = await run((client, text) => client.send(text));
    assert.deepEqual([total, failed, bySlot], [40, 0, { blue: 40 }]);
    assert.equal(lastSlotOf.websocket?.length, sessions);
  });

  for (const code of [1000, 1001]) {
    it(`come again after a close with ${code}, and send again what it crossed: no failure`, async () => {
      const [{ total, failed }, sessions] = await run(onceOther((client) => client.close(code)));
      assert.deepEqual([total, failed], [40, 0]);
      const [, undisturbed] = await run((client, text) => client.send(text));
      assert.equal(sessions, undisturbed + 1);
    });
  }

  it("fail when the connection ends without a goodbye, and so does the message that was not answered", async () => {
    const [{ failures, samples }] = await run(onceOther((client) => client.terminate()));
    assert.equal(failures.reset, 1);
    assert.ok((failures.lost ?? 0) >= 1);
    assert.match(samples[0]?.detail ?? "", /closed with 1006.* by blue/);
  });

  it("fail when they are closed for another reason than going away", async () => {
    const [{ failures }] = await run(onceOther((client, text) => (client.send(text), client.close(1011))));
    assert.equal(failures.reset, 1);
  });

  it("fail when a message is not answered in time", async () => {
    const [{ failures, total }] = await run(
      onceOther(() => undefined),
      { timeoutMs: 100 },
    );
    assert.deepEqual([failures, total], [{ timeout: 1 }, 40]);
  });

  it("fail when a message is answered twice", async () => {
    const [{ failures, total }] = await run(
      onceOther((client, text) => (client.send(text), client.send(text))),
    );
    assert.deepEqual([failures, total], [{ duplicate: 1 }, 40]);
  });

  it("let the server say other things too", async () => {
    const [{ failed }] = await run((client, text) => (client.send("hello"), client.send(text)));
    assert.equal(failed, 0);
  });

  it("stay away once the probe has asked all it may", async () => {
    const server = await serveSockets((client, text) => (client.send(text), client.close(1001)));
    // One session at this rate.
    const running = await startProbe({ url: server.url, clients: ["websocket"], rate: 7, maxRequests: 1 });
    try {
      await running.ended;
      while (server.open.size > 0)
        await new Promise((resolve) => [...server.open][0]?.once("close", resolve));
      // Longer than its pause before it would come back.
      await new Promise((resolve) => setTimeout(resolve, 350));
      assert.equal(server.sessions, 1);
    } finally {
      await running.stop();
      await server.close();
    }
  });

  it("fail when the handshake is refused, by a status or by nobody", async () => {
    const busy = await serve((_, response) => response.end());
    busy.http.on("upgrade", (_, socket) => socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
    const handshakes = async (url: string) => {
      const { failures } = await probe({ url, clients: ["websocket"], rate: 400, maxRequests: 10 });
      return Object.keys(failures);
    };
    assert.deepEqual(await handshakes(busy.url), ["status"]);
    await busy.close();
    assert.deepEqual(await handshakes(`http://127.0.0.1:${await deadPort()}`), ["refused"]);
  });
});
