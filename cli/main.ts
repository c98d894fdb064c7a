import { run } from "./program";

// Ended on purpose: a timer or socket that somebody forgot must not keep a finished command alive.
void run(process.argv.slice(2)).then((code) => process.exit(code ?? process.exitCode ?? 0));
