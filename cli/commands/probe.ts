import { Command, InvalidArgumentError } from "commander";
import { seconds } from "../../components/drain/duration";
import { CLIENT_KINDS, type ClientKind, renderProbe, runProbe } from "../../probe";
import { createOutput } from "../output";
import type { GlobalOptions } from "../program";
import { positive } from "../numbers";

/** `hitless probe`: the load of a cutover, on its own. */
export function probeCommand(): Command {
  return new Command("probe")
    .description("requests of several kinds of client, none of them retried; every failure is classified")
    .argument("<url>", "where to")
    .option("--for <duration>", "for how long", duration, 30)
    .option("--rate <n>", "requests a second", positive, 60)
    .option(
      "--clients <kinds>",
      `which clients, of ${CLIENT_KINDS.join(",")}; all but the first two need the sample app's paths`,
      kinds,
    )
    .addHelpText(
      "after",
      "\nExample:\n  hitless lab exec -- bin/hitless probe http://127.0.0.1:30080 --for 10s --rate 50",
    )
    .action(
      async (
        url: string,
        options: { for: number; rate: number; clients?: ClientKind[] },
        command: Command,
      ) => {
        const out = createOutput(command.optsWithGlobals<GlobalOptions>().json ?? false);
        const { rate, clients } = options;
        const stop = new AbortController();
        process.once("SIGINT", () => stop.abort());
        const run = { url, rate, ...(clients ? { clients } : {}) };
        const { progress } = out;
        const result = await runProbe({ ...run, seconds: options.for, progress, signal: stop.signal });
        out.result(["", ...renderProbe(result)], result);
        // Nothing asked is no proof that nothing fails.
        if (result.failed > 0 || result.total === 0) process.exitCode = 1;
      },
    );
}

function duration(text: string): number {
  try {
    return seconds(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

export function kinds(text: string): ClientKind[] {
  const names = text === "all" ? [...CLIENT_KINDS] : (text.split(",") as ClientKind[]);
  const unknown = names.filter((name) => !CLIENT_KINDS.includes(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`${unknown.join(", ")}: allowed are ${CLIENT_KINDS.join(", ")}, or all.`);
  return names;
}
