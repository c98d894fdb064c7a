import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { difference, snapshotHost } from "./host";

describe("the difference between two looks at a host", () => {
  it("is empty for the same", () => {
    assert.deepEqual(difference({ mount: ["a", "b"] }, { mount: ["b", "a"] }), []);
  });

  it("names what came and what went, with its kind", () => {
    assert.deepEqual(difference({ mount: ["a"], link: ["lo"] }, { mount: ["b"], link: ["lo", "br0"] }), [
      "+ mount: b",
      "- mount: a",
      "+ link: br0",
    ]);
  });

  it("counts: a second mount on the same place is one more", () => {
    assert.deepEqual(difference({ mount: ["a"] }, { mount: ["a", "a"] }), ["+ mount: a"]);
  });

  it("does not overlook a kind that one of them lacks", () => {
    assert.deepEqual(difference({}, { mount: ["a"] }), ["+ mount: a"]);
    assert.deepEqual(difference({ mount: ["a"] }, {}), ["- mount: a"]);
  });
});

describe("a look at a host", function () {
  before(function () {
    if (process.platform !== "linux") this.skip();
  });

  it("finds a process by its command line and by its environment, and no other", async () => {
    const word = `word-${process.pid}-of-this-test`;
    const idle = "setInterval(() => {}, 1000); console.log('ready')";
    const start = (args: string[], env: NodeJS.ProcessEnv) =>
      spawn(process.execPath, ["-e", idle, ...args], { stdio: ["ignore", "pipe", "ignore"], env });
    const children = [start([word], {}), start([], { WORD: word }), start([], {})];
    try {
      await Promise.all(children.map((child) => once(child.stdout, "data")));
      const pids = snapshotHost([word])["process"]?.map((line) => Number(line.split(" ")[0]));
      assert.deepEqual(pids?.sort(), [children[0]?.pid, children[1]?.pid].sort());
    } finally {
      for (const child of children) child.kill("SIGKILL");
    }
  });

  it("leaves out the names that it is told to ignore", () => {
    const all = snapshotHost([])["name"] ?? [];
    assert.notEqual(all.length, 0);
    assert.deepEqual(snapshotHost([], /./)["name"], []);
  });
});
