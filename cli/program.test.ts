import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import type { Command } from "commander";
import { ROOT } from "../shared/paths";
import { createProgram, markCommand, run } from "./program";
import { captured } from "./testing/captured";

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const nameOf = (command: Command): string =>
  [command.parent && nameOf(command.parent), command.name()].filter(Boolean).join(" ");

describe("the help of", () => {
  for (const command of all(createProgram())) {
    it(`${nameOf(command)} says what it does, and has an example`, () => {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      assert.match(help, /\nExample:\n {2}hitless [a-z]/);
      assert(command.description().length > 10);
    });
  }
});

describe("a command line that cannot be used", () => {
  const wrong: [claim: string, argv: string[], says: RegExp][] = [
    ["no command", [], /a command is needed/],
    ["a group without a command", ["lab"], /a command is needed/],
    ["an unknown command", ["frobnicate"], /unknown command 'frobnicate'/],
    ["an unknown option", ["status", "dev", "--wat"], /unknown option '--wat'/],
    ["a missing argument", ["status"], /missing required argument 'env'/],
    ["too many arguments", ["status", "dev", "prod"], /too many arguments/],
    ["a cutover to nowhere", ["cutover", "dev"], /required option '--to <slot>' not specified/],
    ["a slot that there is not", ["cutover", "dev", "--to", "pink"], /Allowed choices are blue, green/],
    ["a rate of nothing", ["cutover", "dev", "--to", "blue", "--rate", "0"], /0 is not a number above 0/],
    ["an unknown kind of client", ["probe", "http://x", "--clients", "fax"], /fax: allowed are/],
  ];
  for (const [claim, argv, says] of wrong) {
    it(`exits 2 for ${claim}, with --json as one document`, async () => {
      const plain = await captured(() => run(argv));
      assert.equal(plain.value, 2);
      assert.equal(plain.stdout, "");
      assert.match(plain.stderr, /--help|Usage:/);
      const json = await captured(() => run([...argv, "--json"]));
      assert.equal(json.value, 2);
      const { error } = JSON.parse(json.stdout) as { error: { code: number; message: string; problems: [] } };
      assert.equal(error.code, 2);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /^error:/);
    });
  }

  it("is one outside of any project, too", async () => {
    const { value, stdout, stderr } = await captured(() =>
      run(["status", "dev", "--json", "-C", os.tmpdir()]),
    );
    assert.equal(value, 2);
    assert.match(stderr, /there is no Pulumi.yaml here or above/);
    assert.match(stdout, /^\{\n {2}"error"/);
  });
});

describe("what follows lab exec", () => {
  const marks: [string, string][] = [
    ["lab exec ls -l", "lab exec -- ls -l"],
    ["--json lab exec ls --json", "--json lab exec -- ls --json"],
    ["lab exec -- ls -l", "lab exec -- ls -l"],
    ["lab exec sh -c x -- y", "lab exec -- sh -c x -- y"],
    ["lab exec", "lab exec --"],
    ["lab exec --help", "lab exec --help"],
    ["lab exec -h", "lab exec -h"],
    ["lab up", "lab up"],
    ["status exec", "status exec"],
  ];
  for (const [from, to] of marks) {
    it(`is somebody else's command line: ${from}`, () =>
      assert.deepEqual(markCommand(from.split(" ")), to.split(" ")));
  }
});

describe("bin/hitless", () => {
  const hitless = (...argv: string[]) =>
    spawnSync(process.execPath, [path.join(ROOT, "bin", "hitless"), ...argv], {
      encoding: "utf8",
      cwd: os.tmpdir(),
    });

  it("shows its help and exits 0, from any folder", () => {
    const { status, stdout } = hitless("--help");
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: hitless/);
  });

  it("exits 2 for wrong usage, with --json as one document on stdout", () => {
    const { status, stdout, stderr } = hitless("cutover", "dev", "--json");
    assert.equal(status, 2);
    assert.deepEqual(JSON.parse(stdout), {
      error: { code: 2, message: "required option '--to <slot>' not specified", problems: [] },
    });
    assert.match(stderr, /--help shows what there is/);
  });
});
