import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cached, cacheRoot, publish, sourceKey, staging } from "./cache";
import type { Build } from "./pins";

const build: Build = {
  module: "thing",
  title: "Thing",
  version: "1.0.0",
  packages: ".",
  binaries: ["pause"],
  cgo: false,
  set: { "main.version": "1.0.0" },
  minutes: 1,
};

describe("the toolbelt's cache", () => {
  let dir: string;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"));
    fs.writeFileSync(path.join(dir, "go.mod"), "module thing\n");
    fs.writeFileSync(path.join(dir, "go.sum"), "");
    fs.writeFileSync(path.join(dir, "main.go"), "package main\n");
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  it("the same content has the same key, whatever the files' times", () => {
    const before = sourceKey(build, dir);
    fs.utimesSync(path.join(dir, "go.mod"), 0, 0);
    assert.equal(sourceKey({ ...build, title: "Another name", minutes: 9 }, dir), before);
  });

  for (const name of ["go.mod", "go.sum", "main.go"]) {
    it(`an edit of ${name} changes the key`, () => {
      const before = sourceKey(build, dir);
      fs.appendFileSync(path.join(dir, name), "// edited\n");
      assert.notEqual(sourceKey(build, dir), before);
    });
  }

  const changes: Partial<Build>[] = [
    { cgo: true },
    { tags: "small" },
    { set: { "main.version": "1.0.1" } },
    { packages: "tool" },
    { version: "1.0.1" },
  ];
  for (const change of changes) {
    it(`another ${Object.keys(change).join()} changes the key`, () => {
      assert.notEqual(sourceKey({ ...build, ...change }, dir), sourceKey(build, dir));
    });
  }

  it("a file that no build takes does not change the key", () => {
    const before = sourceKey(build, dir);
    fs.writeFileSync(path.join(dir, "notes.md"), "");
    assert.equal(sourceKey(build, dir), before);
  });

  it("a build of another Go is not taken for this one's, but is found when any will do", () => {
    fs.mkdirSync(path.join(dir, "thing-1-abc-go1.26.1"));
    assert.equal(cached("thing-1-abc", "go1.26.2", dir), undefined);
    assert.equal(cached("thing-1-abc", "go1.26.1", dir), path.join(dir, "thing-1-abc-go1.26.1"));
    assert.equal(cached("thing-1-abc", undefined, dir), path.join(dir, "thing-1-abc-go1.26.1"));
  });

  it("unfinished work is not found, and is gone when the work starts again", () => {
    const work = staging("thing-1-abc-go1.26.1", dir);
    fs.writeFileSync(path.join(work, "half"), "");
    assert.equal(cached("thing-1-abc", undefined, dir), undefined);
    const again = staging("thing-1-abc-go1.26.1", dir);
    assert.deepEqual(fs.readdirSync(again), []);
    publish(again, "thing-1-abc-go1.26.1", dir);
    assert.ok(cached("thing-1-abc", "go1.26.1", dir));
  });

  it("lies in XDG_CACHE_HOME, or in ~/.cache where that is not an absolute path", () => {
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/var/x" }), "/var/x/hitless/toolbelt");
    const home = path.join(os.homedir(), ".cache", "hitless", "toolbelt");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "x" }), home);
    assert.equal(cacheRoot({}), home);
  });
});
