import { Command, Option } from "commander";
import type { Slot } from "../../components/names";
import { type Context, openEnvironment } from "../../release/context";
import { findProject } from "../../release/project";
import { environmentStatus, renderEnvironment } from "../../release/status";
import { upEnvironment } from "../../release/up";
import { positive } from "../numbers";
import { createOutput, type Output } from "../output";
import type { GlobalOptions } from "../program";
import { type MoveOptions, move } from "../move";
import { kinds } from "./probe";
import { engineEnvironment, reachCluster } from "../target";

const slotOption = (flags: string, text: string) => new Option(flags, text).choices(["blue", "green"]);

export function releaseCommands(): Command[] {
  return [up(), status(), cutover(), rollback()];
}

function up(): Command {
  return new Command("up")
    .description("apply an environment's stacks in the order that keeps traffic served")
    .argument("<env>", "the environment, such as dev")
    .addOption(slotOption("--slot <slot>", "only this slot"))
    .addHelpText("after", "\nExample:\n  hitless up dev --slot green")
    .action((environment: string, options: { slot?: Slot }, command: Command) =>
      withEnvironment(environment, command, async (context, out) => {
        const result = await upEnvironment(context, { slot: options.slot, onLine: undefined });
        const status = await environmentStatus(context);
        out.result(["", ...renderEnvironment(status)], { ...result, status });
      }),
    );
}

function status(): Command {
  return new Command("status")
    .description("which slot serves, what each runs, how many clients it has, and who releases")
    .argument("<env>", "the environment, such as dev")
    .addHelpText("after", "\nExample:\n  hitless status dev --json")
    .action((environment: string, _options: unknown, command: Command) =>
      withEnvironment(
        environment,
        command,
        async (context, out) => {
          const status = await environmentStatus(context);
          out.result(renderEnvironment(status), status);
        },
        { engine: false },
      ),
    );
}

function cutover(): Command {
  return moveOptions(
    new Command("cutover")
      .description("move all traffic to one slot: both answer in between, and every step is read back")
      .argument("<env>", "the environment, such as dev")
      .addOption(slotOption("--to <slot>", "the slot that gets the traffic").makeOptionMandatory())
      .addHelpText("after", "\nExample:\n  hitless cutover dev --to green"),
  ).action((environment: string, options: MoveOptions & { to: Slot }, command: Command) =>
    withEnvironment(environment, command, (context, out) =>
      move(context, out, { kind: "cutover", ...options }),
    ),
  );
}

function rollback(): Command {
  return moveOptions(
    new Command("rollback")
      .description("the same cutover, back to the newest config that finished before the current one")
      .argument("<env>", "the environment, such as dev")
      .option("--to <version>", "back to this version or revision")
      .option("--redeploy", "release the old revision again where its slot no longer runs it")
      .addHelpText("after", "\nExample:\n  hitless rollback dev"),
  ).action((environment: string, { to, ...options }: MoveOptions & { to?: string }, command: Command) =>
    withEnvironment(environment, command, (context, out) =>
      move(context, out, { kind: "rollback", version: to, ...options }),
    ),
  );
}

const moveOptions = (command: Command): Command =>
  command
    .option("--probe <url>", "measure under load: requests to this URL for as long as it takes")
    .option("--rate <n>", "requests a second of the probe", positive, 60)
    .option(
      "--clients <kinds>",
      "clients of the probe, comma-separated, or all (see hitless probe --help)",
      kinds,
    )
    .option("--least <n>", "keep the load on until at least so many requests were made", positive)
    .option("--receipts <dir>", "where the receipt goes (default: receipts/ in the project)");

/** Opens the environment where its cluster can be reached, and runs the command on it. */
async function withEnvironment(
  environment: string,
  command: Command,
  work: (context: Context, out: Output) => Promise<void>,
  needs: { engine: boolean } = { engine: true },
): Promise<void> {
  const global = command.optsWithGlobals<GlobalOptions>();
  const project = findProject(global.C);
  if (!(await reachCluster(global))) return;
  const out = createOutput(global.json ?? false);
  const env = needs.engine ? await engineEnvironment(project, global, out.progress) : { ...process.env };
  const stop = new AbortController();
  process.once("SIGINT", () => {
    out.progress.note("interrupted: ending after the step that runs now (again: at once)");
    stop.abort();
    process.once("SIGINT", () => process.exit(130));
  });
  process.once("SIGTERM", () => stop.abort());
  await work(
    openEnvironment({ project, environment, env, progress: out.progress, signal: stop.signal }),
    out,
  );
}
