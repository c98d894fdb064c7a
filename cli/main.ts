import { run } from "./program";

void run(process.argv.slice(2)).then((code) => {
  if (code !== undefined) process.exitCode = code;
});
