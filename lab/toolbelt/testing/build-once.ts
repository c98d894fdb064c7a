/**
 * A process of its own for tests: builds a fake module into the cache `root` with a builder that takes `ms`, noting each
 * build's start in `log`; then prints where the result came from.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { silentProgress } from "../../../shared/progress";
import { ensureBuilt } from "../built";
import type { Build } from "../pins";

const [root = "", sources = "", log = "", ms = "0"] = process.argv.slice(2);

const build: Build = {
  module: "fake",
  title: "Fake",
  version: "1.0.0",
  packages: ".",
  binaries: ["pause"],
  cgo: false,
  minutes: 1,
};

const builder = {
  go: () => Promise.resolve({ path: "go", version: "go1.0.0" }),
  async build(_go: unknown, _build: Build, _src: string, bin: string) {
    fs.appendFileSync(log, `${process.pid}\n`);
    await sleep(Number(ms));
    fs.writeFileSync(path.join(bin, "pause"), "#!/bin/sh\n", { mode: 0o755 });
  },
};

void ensureBuilt(build, silentProgress, { builder, root, sources }).then(([tool]) =>
  process.stdout.write(JSON.stringify(tool)),
);
