import * as http from "node:http";
import * as net from "node:net";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { startProbe } from "../run";
import type { ProbeOptions, ProbeResult } from "../types";

/** A server on a loopback port, with what it has seen. */
export interface TestServer {
  url: string;
  port: number;
  requests: number;
  connections: number;
  /** Every socket that is open. */
  open: Set<net.Socket>;
  http: http.Server;
  close(): Promise<void>;
}

export async function serve(handler: http.RequestListener): Promise<TestServer> {
  const server = http.createServer({ keepAliveTimeout: 0 });
  const port = await listen(server);
  const test: TestServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: 0,
    connections: 0,
    open: new Set(),
    http: server,
    close: () => close(server, test.open),
  };
  watch(server, test.open, () => (test.connections += 1));
  server.on("request", (request, response) => {
    test.requests += 1;
    handler(request, response);
  });
  return test;
}

/** Answers every GET as `slot` does; takes the settings that a test changes while it runs. */
export function slotServer(slot: string, settings: { lameDuck?: boolean } = {}): Promise<TestServer> {
  return serve((request, response) => {
    request.resume();
    const headers = { "x-hitless-slot": slot, "x-hitless-version": `v-${slot}` };
    response.writeHead(200, { ...headers, ...(settings.lameDuck ? { connection: "close" } : {}) });
    response.end("hello");
  });
}

/** A WebSocket server on /ws that does with each message what it is told. */
export async function serveSockets(
  onMessage: (client: import("ws").WebSocket, text: string, session: number) => void,
): Promise<TestServer & { sessions: number }> {
  const server = Object.assign(await serve((_, response) => response.end()), { sessions: 0 });
  const sockets = new WebSocketServer({ server: server.http, path: "/ws" });
  sockets.on("headers", (headers) => headers.push("x-hitless-slot: blue"));
  sockets.on("connection", (client) => {
    server.sessions += 1;
    const session = server.sessions;
    client.on("message", (data: Buffer) => onMessage(client, data.toString(), session));
    client.on("error", () => undefined);
  });
  return server;
}

interface Target {
  port: number;
}

/** What kube-proxy is to its clients: connections go where it points when they are opened, and stay there. */
export async function switchable(
  first: Target,
): Promise<{ url: string; to: Target; close(): Promise<void> }> {
  const open = new Set<net.Socket>();
  const state = { to: first };
  const server = net.createServer((client) => {
    const upstream = net.connect(state.to.port, "127.0.0.1");
    open.add(upstream);
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  watch(server, open, () => undefined);
  const port = await listen(server);
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, close: () => close(server, open) });
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  await close(server, new Set());
  return port;
}

/** Runs a probe until it has made `maxRequests`. */
export async function probe(options: ProbeOptions & { maxRequests: number }): Promise<ProbeResult> {
  const running = await startProbe({ rate: 500, timeoutMs: 2000, ...options });
  await running.ended;
  return running.stop();
}

function watch(server: net.Server, open: Set<net.Socket>, onConnection: () => void): void {
  server.on("connection", (socket: net.Socket) => {
    onConnection();
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
}

const listen = (server: net.Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );

const close = (server: net.Server, open: Set<net.Socket>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of open) socket.destroy();
  });
