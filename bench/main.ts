import { spawn } from "node:child_process";
import * as path from "node:path";
import * as lab from "../lab";
import { ensureEngine } from "../lab/toolbelt";
import { ROOT } from "../shared/paths";
import { lineProgress } from "../shared/progress";

const BENCHES = ["cutover", "selector-switch"];
/** A lab of its own: whatever else runs on this machine is measured too, but not disturbed. */
process.env["HITLESS_LAB_NAME"] = "hitless-bench";

async function main(args: string[]): Promise<number> {
  if (!BENCHES.includes(args[0] ?? "")) {
    process.stderr.write(`usage: npm run bench -- ${BENCHES.join("|")} [TIMES]\n`);
    return 2;
  }
  const progress = lineProgress();
  await ensureEngine(progress);
  await lab.down({ progress });
  await lab.up({ progress });
  try {
    const argv = lab.enter([process.execPath, path.join(ROOT, "tools", "run.js"), "bench/run.ts", ...args]);
    const child = spawn(argv[0] as string, argv.slice(1), {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...lab.labEnvironment(), HITLESS_IN_LAB: "1" },
    });
    return await new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
  } finally {
    await lab.down({ progress });
  }
}

void main(process.argv.slice(2)).then((code) => process.exit(code));
