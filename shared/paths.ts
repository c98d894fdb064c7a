import * as path from "node:path";

/** Set by the bundler; absent when a file is run as it is (tests). */
declare global {
  var HITLESS_ROOT: string | undefined;
}

/** The folder of Hitless itself: its program, its policies, its lab. */
export const ROOT = globalThis.HITLESS_ROOT ?? path.resolve(__dirname, "..");
