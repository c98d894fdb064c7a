import { HitlessError } from "../shared/errors";
import type { Ask, Reply } from "./fork";
import { startProbe } from "./run";
import type { ProbeOptions, RunningProbe } from "./types";

// The process that forkProbe starts. Without its parent it has nobody to tell, and ends.
process.once("disconnect", () => process.exit(0));
// An interrupt at the terminal is for the release, which then stops the probe itself.
process.on("SIGINT", () => undefined);

let probe: RunningProbe | undefined;
let watched = false;

const reply = (message: Reply): void => void process.send?.(message, () => undefined);

process.on("message", (message: Ask) => {
  if ("start" in message) return void start(message.start);
  if (!probe) return;
  if ("watch" in message) {
    if (!watched) probe.onFailure((failure) => reply({ failure }));
    watched = true;
    return;
  }
  const { id } = message;
  if (message.ask === "untilFailures") void probe.untilFailures(message.count).then(() => reply({ id }));
  else if (message.ask === "ended") void probe.ended.then(() => reply({ id }));
  else void probe[message.ask]().then((result) => reply({ id, result }));
});

async function start(options: ProbeOptions): Promise<void> {
  try {
    probe = await startProbe(options);
    reply({ started: true });
  } catch (error) {
    const { code, title, problems } =
      error instanceof HitlessError ? error : new HitlessError(2, String(error));
    process.send?.({ refused: { code, title, problems } } satisfies Reply, () => process.disconnect());
  }
}
