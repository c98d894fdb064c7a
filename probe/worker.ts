import { HitlessError } from "../shared/errors";
import type { Ask, Reply } from "./fork";
import { startProbe } from "./run";
import type { RunningProbe } from "./types";

// The process that forkProbe starts. Without its parent it has nobody to tell, and ends.
process.once("disconnect", () => process.exit(0));
// An interrupt at the terminal is for the release, which then stops the probe itself.
process.on("SIGINT", () => undefined);

let probe: RunningProbe | undefined;
const reply = (message: Reply) => process.send?.(message);

process.on("message", (message: Ask) => {
  if ("start" in message) {
    try {
      probe = startProbe(message.start);
      reply({ started: true });
    } catch (error) {
      const problem = error instanceof HitlessError ? error : new HitlessError(2, String(error));
      reply({ failed: { title: problem.title, problems: problem.problems } });
      process.exitCode = 2;
      process.disconnect?.();
    }
    return;
  }
  const { id, ask, count = 1 } = message;
  if (ask === "untilFailures") void probe?.untilFailures(count).then(() => reply({ id }));
  else void probe?.[ask]().then((result) => reply({ id, result }));
});
