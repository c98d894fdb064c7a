import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Command } from "commander";
import * as lab from "../lab";
import { ensureEngine } from "../lab/toolbelt";
import { acquire } from "../lab/toolbelt/lock";
import { HitlessError } from "../shared/errors";
import { ROOT } from "../shared/paths";
import { lineProgress } from "../shared/progress";

const progress = lineProgress(process.stdout);

/** A lab that the story brought up says so: the next run may take it down. Anybody else's is left alone. */
const MARK = "story";
const markOf = (name?: string) => path.join(lab.layout(name).state, MARK);

async function chooseLab(): Promise<string | undefined> {
  const { state } = await lab.status();
  if (state !== "up") return undefined;
  if (fs.existsSync(markOf())) {
    await lab.down({ progress });
    return undefined;
  }
  const own = "hitless-story";
  progress.note(`the lab is in use already; the story takes one of its own, called ${own}`);
  await lab.down({ progress, name: own });
  return own;
}

/** Tells the story on the lab's network. It ends with this process, however that ends. */
async function tell(): Promise<number> {
  const argv = lab.enter([process.execPath, path.join(ROOT, "tools", "run.js"), "demo/story.ts"]);
  const child = spawn(argv[0] as string, argv.slice(1), {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...lab.labEnvironment(), HITLESS_IN_LAB: "1" },
  });
  process.on("SIGINT", () => child.kill("SIGKILL"));
  process.on("SIGTERM", () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)));
  });
}

/** How often the process that started this one is looked for. */
const PARENT_CHECK_MS = 200;

/** Killing `npm start` kills npm: what it started must not go on by itself, and meet the next run. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(137);
  }, PARENT_CHECK_MS).unref();
}

async function main(keep: boolean): Promise<number> {
  endWithParent();
  let told = false;
  await acquire(path.join(ROOT, ".hitless", "story.locks"), "npm start", ({ pid }) => {
    if (!told) progress.note(`waiting for another npm start (pid ${pid})`);
    told = true;
  });
  await ensureEngine(progress);
  const own = await chooseLab();
  if (own) process.env["HITLESS_LAB_NAME"] = own;
  await lab.up({ progress });
  fs.writeFileSync(markOf(), "");
  const code = await tell();
  if (keep) {
    const prefix = own ? `HITLESS_LAB_NAME=${own} ` : "";
    const at = "-C .hitless/story";
    process.stdout.write(
      [
        "\nThe lab stays up. Try next:",
        `  ${prefix}bin/hitless ${at} status dev`,
        `  ${prefix}bin/hitless ${at} rollback dev        # one step further back`,
        `  ${prefix}bin/hitless ${at} cutover dev --to green`,
        `  ${prefix}bin/hitless lab exec -- kubectl -n shop-dev get pods`,
        `  ${prefix}bin/hitless lab down`,
        "",
      ].join("\n"),
    );
  } else {
    await lab.down({ progress });
  }
  return code;
}

void new Command("npm start --")
  .description("a cutover on the real engine and a real cluster, from nothing, measured in front of you")
  .option("--keep", "leave the lab up")
  .action(async ({ keep = false }: { keep?: boolean }) => {
    try {
      process.exitCode = await main(keep);
    } catch (error) {
      process.stderr.write(
        `${error instanceof HitlessError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
      );
      process.exitCode = error instanceof HitlessError ? error.code : 1;
    }
  })
  .parseAsync(process.argv.slice(2), { from: "user" });
