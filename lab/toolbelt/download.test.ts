import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { silentProgress } from "../../shared/progress";
import { type Archive, download, downloaded, sumOf } from "./download";

describe("a vendor's download", () => {
  let dir: string;
  let server: Server;
  let archive: Archive;
  let sums: string | undefined;

  beforeEach(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"));
    fs.mkdirSync(path.join(dir, "thing"));
    fs.writeFileSync(path.join(dir, "thing", "tool"), "#!/bin/sh\n", { mode: 0o755 });
    execFileSync("tar", ["-czf", path.join(dir, "a.tar.gz"), "-C", dir, "thing"]);
    const content = fs.readFileSync(path.join(dir, "a.tar.gz"));
    sums = `${createHash("sha256").update(content).digest("hex")}  a.tar.gz\n`;
    server = createServer((request, response) => {
      const body = request.url === "/a.tar.gz" ? content : request.url === "/sums" ? sums : undefined;
      response.writeHead(body === undefined ? 404 : 200).end(request.method === "HEAD" ? undefined : body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    archive = {
      title: "Thing",
      name: "download-thing",
      url: `${base}/a.tar.gz`,
      sums: [`${base}/sums`],
      holds: "thing/tool",
    };
  });
  afterEach(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    fs.rmSync(dir, { recursive: true });
  });

  const root = () => path.join(dir, "cache");

  it("is unpacked into the cache, and found there afterwards", async () => {
    const place = await download(archive, silentProgress, root());
    assert.ok(fs.existsSync(path.join(place ?? "", "thing/tool")));
    assert.equal(downloaded(archive, root()), place);
    assert.deepEqual(fs.readdirSync(path.join(root(), "unfinished")), []);
  });

  it("is not taken when its sum is not the listed one", async () => {
    sums = `${"0".repeat(64)}  a.tar.gz\n`;
    assert.equal(await download(archive, silentProgress, root()), undefined);
    assert.equal(downloaded(archive, root()), undefined);
  });

  it("is not taken when the tool is not in it", async () => {
    assert.equal(await download({ ...archive, holds: "thing/other" }, silentProgress, root()), undefined);
  });

  it("is done without where the vendor cannot be reached or does not have it", async () => {
    assert.equal(
      await download({ ...archive, url: "http://127.0.0.1:1/a.tar.gz" }, silentProgress, root()),
      undefined,
    );
    const missing = archive.url.replace("a.tar.gz", "b.tar.gz");
    assert.equal(await download({ ...archive, url: missing }, silentProgress, root()), undefined);
    assert.equal(fs.existsSync(root()), false);
  });

  it("has the sum that the list gives for its very name", () => {
    const [a, b] = ["a".repeat(64), "B".repeat(64)];
    const list = `${a}  other-x.tar.gz\n${b} *./x.tar.gz\n`;
    assert.equal(sumOf(list, "x.tar.gz"), "b".repeat(64));
    assert.equal(sumOf(list, "r-x.tar.gz"), undefined);
    assert.equal(sumOf("da39a3ee5e6b4b0d3255bfef95601890afd80709  x.tar.gz", "x.tar.gz"), undefined);
  });
});
