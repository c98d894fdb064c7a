"use strict";
// Mocha's spec report, and at the end the counts as JSON in the file that HITLESS_COUNTS names.

const fs = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      // A suite whose hook skipped it runs no test, and says nothing of those it has.
      const skipped = Math.max(pending, runner.total - passes - failures);
      fs.writeFileSync(
        process.env.HITLESS_COUNTS,
        JSON.stringify({ passed: passes, failed: failures, skipped }),
      );
    });
  }
};
