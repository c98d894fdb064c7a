import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";
import { Connections } from "./connections";

const SIZE = 20e6;

/** How much of a long answer a slow reader gets when the server is told to end while it is on its way. */
async function read(end: (server: http.Server, connections: Connections) => void): Promise<number> {
  const server = http.createServer();
  const connections = new Connections(server);
  server.on("request", (request, response) => {
    connections.begin(request, response, { client: true });
    response.writeHead(200, { "content-length": SIZE, connection: "close" }).end(Buffer.alloc(SIZE));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(client, "readable");
  end(server, connections);
  let bytes = 0;
  client.on("data", (chunk: Buffer) => (bytes += chunk.length)).on("error", () => undefined);
  await new Promise((resolve) => client.once("close", resolve));
  return bytes;
}

describe("closing what is idle", () => {
  it("spares an answer that is still on its way out", async () => {
    const bytes = await read((_, connections) => {
      void connections.stopListening();
      connections.closeIdle({ untouched: true });
    });
    assert.ok(bytes > SIZE);
  });

  it("is left to us, because Node's own close cuts it: the control", async () => {
    assert.ok((await read((server) => server.close())) < SIZE);
  });
});
