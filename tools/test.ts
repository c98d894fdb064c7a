import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ensureCluster, ensureEngine } from "../lab/toolbelt";
import { labProblems } from "../lab/requirements";
import { HitlessError, renderProblem } from "../shared/errors";
import { ROOT } from "../shared/paths";
import { elapsed, lineProgress } from "../shared/progress";

/** `npm test`: checks, unit tests, then those on the lab; ends with one line of counts. */

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** In CI a lab test that does not run has failed. */
const mustRunLab = process.env["CI"] === "true";

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Runs mocha in a process of its own and returns what it counted; a run that did not finish counts as one failure. */
async function mocha(title: string, args: string[]): Promise<Counts> {
  process.stdout.write(`\n=== ${title}\n`);
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "hitless-test-")), "counts.json");
  const began = Date.now();
  const bin = path.join(ROOT, "node_modules", "mocha", "bin", "mocha.js");
  const reporter = path.join(ROOT, "tools", "reporter.js");
  const code = await run(process.execPath, [bin, "--exit", "--reporter", reporter, ...args], {
    HITLESS_COUNTS: file,
  });
  let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    counts = JSON.parse(fs.readFileSync(file, "utf8")) as Counts;
  } catch {
    process.stdout.write(`${title}: ended with ${code} before it had counted\n`);
  }
  fs.rmSync(path.dirname(file), { recursive: true, force: true });
  process.stdout.write(`${title}: ${elapsed(Date.now() - began)}\n`);
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function labTests(): Promise<Counts> {
  const problems = labProblems();
  if (problems.length > 0 && !mustRunLab) {
    process.stdout.write(
      `\n=== lab tests are skipped: the lab cannot run here\n${problems.map(renderProblem).join("\n")}\n`,
    );
    return { passed: 0, failed: 0, skipped: countLabTests() };
  }
  const progress = lineProgress(process.stdout);
  await ensureEngine(progress);
  await ensureCluster(progress);
  return mocha("tests on the lab", ["--config", "lab/mocharc.json"]);
}

/** How many lab tests there are, where none can be run. */
function countLabTests(): number {
  const files = fs
    .readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".lab.test.ts") && !file.includes("node_modules"));
  return files.reduce(
    (sum, file) => sum + (fs.readFileSync(path.join(ROOT, file), "utf8").match(/^\s*it\(/gm)?.length ?? 0),
    0,
  );
}

async function main(): Promise<boolean> {
  const total: Counts = await mocha("unit tests", []);
  try {
    const lab = await labTests();
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += lab[key];
  } catch (error) {
    process.stdout.write(`${error instanceof HitlessError ? error.message : String(error)}\n`);
    total.failed += 1;
  }
  if (mustRunLab) {
    // What was skipped was not proven.
    total.failed += total.skipped;
    total.skipped = 0;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 && total.passed > 0;
}

void main().then((ok) => process.exit(ok ? 0 : 1));
