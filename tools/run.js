"use strict";
// `node tools/run.js FILE.ts ARGS...`: sets up what is missing, then runs a TypeScript entry, bundled.
require("./setup.js").setup();
const [entry, ...rest] = process.argv.slice(2);
process.argv.splice(1, process.argv.length - 1, require("node:path").resolve(entry), ...rest);
require("./bundle.js").load(entry);
