import { Command, CommanderError } from "commander";
import { labCommand } from "./commands/lab";
import { probeCommand } from "./commands/probe";
import { releaseCommands } from "./commands/release";
import { reportFailure } from "./output";

/** Every option that all commands share. */
export interface GlobalOptions {
  json?: boolean;
  C?: string;
  kubeconfig?: string;
  context?: string;
}

/** Every command with its options, before any word of a command line was read. */
export function createProgram(): Command {
  const program = new Command("hitless")
    .description(
      "Updates that do not drop a request: blue/green stacks, a policy pack, and a cutover that proves each step",
    )
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .option("--json", "one JSON document on stdout, progress on stderr")
    .option("-C <dir>", "the Pulumi project's folder (default: the nearest Pulumi.yaml)")
    .option("--kubeconfig <file>", "use this cluster instead of the lab")
    .option("--context <name>", "use this context of the kubeconfig instead of the lab");
  program.addHelpText("after", "\nExample:\n  hitless cutover dev --to green");
  for (const command of [...releaseCommands(), probeCommand(), labCommand()]) program.addCommand(command);
  inheritSettings(program);
  return program;
}

function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}

/** @returns the exit code: 0 done, 1 refused or failed by a rule, gate or check, 2 usage or environment */
export async function run(argv: string[]): Promise<number | undefined> {
  const marked = markCommand(argv);
  // The word is looked for before parsing, so that even a usage error is a document.
  const own = marked.includes("--") ? marked.slice(0, marked.indexOf("--")) : marked;
  const json = own.includes("--json");
  try {
    await createProgram().parseAsync(marked, { from: "user" });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      // What is wrong stands on stderr already, with how to see the help.
      const message =
        error.code === "commander.help" ? "a command is needed" : error.message.replace(/^error: /, "");
      if (json)
        process.stdout.write(`${JSON.stringify({ error: { code: 2, message, problems: [] } }, null, 2)}\n`);
      return 2;
    }
    return reportFailure(error, json);
  }
}

/** What follows `lab exec` is somebody else's command line, whether or not a `--` says so. */
export function markCommand(argv: string[]): string[] {
  const at = argv.findIndex((word, index) => word === "exec" && argv[index - 1] === "lab");
  if (at < 0 || argv[at + 1] === "--" || argv[at + 1] === "--help" || argv[at + 1] === "-h") return argv;
  return [...argv.slice(0, at + 1), "--", ...argv.slice(at + 1)];
}
