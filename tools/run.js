"use strict";
// `node tools/run.js FILE.ts ARGS...`: sets up what is missing, then runs a TypeScript entry, bundled.
const [entry, ...rest] = process.argv.slice(2);
if (!entry?.endsWith(".ts")) {
  process.stderr.write(`usage: node tools/run.js FILE.ts ARGS... (not ${entry})\n`);
  process.exit(2);
}
require("./setup.js").setup();
process.argv.splice(1, process.argv.length - 1, require("node:path").resolve(entry), ...rest);
require("./bundle.js").load(entry);
