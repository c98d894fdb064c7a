import { lineProgress } from "../shared/progress";
import { renderProblem } from "../shared/errors";
import { down } from "./down";
import { labProblems } from "./requirements";
import { up } from "./up";

// Tests have a lab of their own, so that one that somebody works in is never touched.
process.env["HITLESS_LAB_NAME"] = "hitless-test";

/** How long a lab may take to come up on a machine on which its tools must be built first. */
const COLD_MS = 45 * 60_000;

/** Where a lab test may not be skipped without anybody noticing. */
const required = (): boolean => process.env["CI"] === "true" || process.env["HITLESS_REQUIRE_LAB"] === "1";

/** One lab for all tests that need one: up before the first, down after the last. */
export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    this.timeout(COLD_MS);
    const problems = labProblems();
    if (problems.length === 0) {
      await up({ progress: lineProgress() });
      return;
    }
    const reason = ["the lab cannot run here", ...problems.map(renderProblem)].join("\n");
    if (required())
      throw new Error(`${reason}\n(lab tests may not be skipped here: CI or HITLESS_REQUIRE_LAB)`);
    process.stderr.write(`lab tests are skipped: ${reason}\n`);
    this.skip();
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    if (labProblems().length === 0) await down({ progress: lineProgress() });
  },
};
