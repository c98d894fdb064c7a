"use strict";
// What every start needs before any of our own code can run: the npm packages of the lockfile, and the sample app as
// one file. Does nothing, in milliseconds, when both are there. Plain JavaScript on Node.js alone.

const fs = require("node:fs");
const path = require("node:path");
const { createHash } = require("node:crypto");
const { spawnSync } = require("node:child_process");

const ROOT = path.resolve(__dirname, "..");
const OLDEST_NODE = [20, 19];
const TRIES = 3;

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  process.stderr.write(
    `Hitless needs Node.js ${OLDEST_NODE.join(".")} or newer; this is ${process.version}\n`,
  );
  process.exit(2);
}

/** Which lockfile the packages were installed from. Written last, so that a killed install is not taken for a whole one. */
const mark = path.join(ROOT, "node_modules", ".hitless-installed");
const wanted = () =>
  createHash("sha256")
    .update(fs.readFileSync(path.join(ROOT, "package-lock.json")))
    .digest("hex");

function installed() {
  try {
    return fs.readFileSync(mark, "utf8") === wanted();
  } catch {
    return false;
  }
}

/** The part of npm's output that says which package it could not get, without the registry's address. */
function refusal(output) {
  const lines = output.split("\n").filter((line) => /npm (error|ERR!)/.test(line));
  const about = lines
    .map((line) => /\/((?:@[^/]+\/)?[^/\s]+)\/-\/[^/\s]*?-(\d[^/\s]*)\.tgz/.exec(line))
    .find(Boolean);
  const what = about ? `the registry refused ${about[1]}@${about[2]}: ` : "";
  return (
    what +
    lines
      .slice(0, 4)
      .join("\n")
      .replace(/https?:\/\/\S+/g, "(registry)")
  );
}

function install() {
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  process.stderr.write("... Install the npm packages of the lockfile (about half a minute)\n");
  for (let attempt = 1; ; attempt++) {
    const { status, stdout, stderr, error } = spawnSync(
      "npm",
      ["ci", "--no-audit", "--no-fund", "--ignore-scripts"],
      {
        cwd: ROOT,
        encoding: "utf8",
        // npm's own retries of a single download come first.
        env: { ...process.env, npm_config_fetch_retries: "3", PULUMI_SKIP_INSTALL: "true" },
      },
    );
    if (status === 0) break;
    const said = refusal(`${stdout}\n${stderr}`) || String(error ?? "");
    process.stderr.write(
      `NO  Install the npm packages, try ${attempt} of ${TRIES} (${seconds()}): ${said}\n`,
    );
    if (attempt === TRIES) process.exit(2);
  }
  fs.writeFileSync(mark, wanted());
  process.stderr.write(`ok  Install the npm packages of the lockfile (${seconds()})\n`);
}

/** The sample app travels to the cluster as one file in a ConfigMap. */
function bundleShop() {
  const options = {
    outfile: "examples/shop/dist/shop.js",
    external: ["bufferutil", "utf-8-validate"],
    minify: true,
  };
  require("./bundle.js").bundle("examples/shop/src/main.ts", options);
}

function setup() {
  requireNode();
  if (!installed()) install();
  bundleShop();
}

module.exports = { setup };
if (require.main === module) setup();
