"use strict";
// Loads a TypeScript entry as one bundled JavaScript file. The Pulumi program, the policy pack and
// the command are started many times for one release; compiling each with ts-node costs seconds a
// start, this costs milliseconds, and nothing can be stale: the sources are compared at each load.

const fs = require("node:fs");
const path = require("node:path");
const { createHash } = require("node:crypto");

const ROOT = path.resolve(__dirname, "..");

/**
 * Packages that are loaded from node_modules instead of being bundled: those that keep state of
 * their own which must exist only once in a process, and those that are not plain JavaScript.
 */
const EXTERNAL = ["@pulumi/*", "esbuild", "typescript", "ts-node", "echarts"];

/** A file's identity: cheap to read, and different after any edit. */
function stamp(file) {
  try {
    const { mtimeMs, size } = fs.statSync(file);
    return `${mtimeMs}:${size}`;
  } catch {
    return "gone";
  }
}

/**
 * Bundles `entry` (a .ts file) into one CommonJS file and returns its path.
 * Two processes may do so at once: the result is moved into place whole.
 * Options: `outfile`; `external`, the packages that are not bundled (none for a file that must stand alone);
 * `minify`, for a file that travels without a source map.
 */
function bundle(entry, { outfile, external = EXTERNAL, minify = false } = {}) {
  const source = path.resolve(ROOT, entry);
  const name = path.relative(ROOT, source).replace(/[\\/]/g, "-").replace(/\.ts$/, "");
  const out = outfile ? path.resolve(ROOT, outfile) : path.join(ROOT, ".hitless", "build", `${name}.js`);
  const manifest = `${out}.inputs.json`;
  try {
    const { root, inputs, output } = JSON.parse(fs.readFileSync(manifest, "utf8"));
    if (
      // A copied checkout must not run what was bundled for another folder.
      root === ROOT &&
      output === stamp(out) &&
      Object.keys(inputs).every((file) => inputs[file] === stamp(path.join(ROOT, file)))
    ) {
      return out;
    }
  } catch {
    // No earlier build, or one that was cut off: build.
  }
  const result = require("esbuild").buildSync({
    absWorkingDir: ROOT,
    entryPoints: [source],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external,
    sourcemap: minify ? false : "linked",
    minify,
    write: false,
    outfile: out,
    metafile: true,
    logLevel: "error",
    define: { "globalThis.HITLESS_ROOT": JSON.stringify(ROOT) },
    legalComments: "none",
  });
  fs.mkdirSync(path.dirname(out), { recursive: true });
  const unique = `${process.pid}-${createHash("sha256").update(String(process.hrtime.bigint())).digest("hex").slice(0, 8)}`;
  for (const file of result.outputFiles) {
    fs.writeFileSync(`${file.path}.${unique}`, file.contents);
    fs.renameSync(`${file.path}.${unique}`, file.path);
  }
  const inputs = Object.fromEntries(
    Object.keys(result.metafile.inputs).map((file) => [file, stamp(path.join(ROOT, file))]),
  );
  fs.writeFileSync(`${manifest}.${unique}`, JSON.stringify({ root: ROOT, inputs, output: stamp(out) }));
  fs.renameSync(`${manifest}.${unique}`, manifest);
  return out;
}

module.exports = { bundle, load: (entry) => require(bundle(entry)), ROOT };
