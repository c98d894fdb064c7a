/**
 * Loaded before a program. Node.js 20's coloured `util.inspect` never ends on an error whose stack has a frame like
 * `node_modules/@pulumi/resource.ts`, as those of Pulumi's runtime do: it fills the memory for half a minute, then fails.
 * Pulumi shows a program's errors with it. Without colours it works.
 */
import util from "node:util";

const original = util.inspect as (value: unknown, ...rest: unknown[]) => string;

(util as { inspect: unknown }).inspect = new Proxy(original, {
  apply(target, self, [value, options, ...rest]: [unknown, unknown, ...unknown[]]) {
    const plain =
      value instanceof Error && typeof options === "object" && options !== null
        ? { ...options, colors: false }
        : options;
    return Reflect.apply(target, self, [value, plain, ...rest]);
  },
});
