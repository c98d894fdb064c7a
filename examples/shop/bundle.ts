import { createRequire } from "node:module";
import * as path from "node:path";
import { ROOT } from "../../shared/paths";

/** The app as one file of plain JavaScript: small enough for a ConfigMap, run by any stock image of Node.js 18 or newer. */
export const SHOP_FILE = "examples/shop/dist/shop.js";

/** Builds the app where its sources changed. @returns the path of the file, from the root of the file system */
export function shopFile(): string {
  const { bundle } = createRequire(path.join(ROOT, "package.json"))("./tools/bundle.js") as {
    bundle: (entry: string, options: object) => string;
  };
  return bundle("examples/shop/src/main.ts", {
    outfile: SHOP_FILE,
    // What makes ws faster where it is installed: not plain JavaScript.
    external: ["bufferutil", "utf-8-validate"],
    minify: true,
  });
}
