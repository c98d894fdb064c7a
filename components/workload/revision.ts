import { createHash } from "node:crypto";

/** JSON with sorted keys: two configs that say the same read the same. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
      .join(",")}}`;
  }
  return JSON.stringify(value);
}

/** The first `length` hex digits of a value's SHA-256. */
export const digest = (value: unknown, length = 8): string =>
  createHash("sha256").update(canonical(value)).digest("hex").slice(0, length);

/**
 * A slot's revision: its version and a hash of everything that shapes its pods. Two slots of one config have the
 * same revision; scaling or renewing a slot does not change it.
 */
export const revisionOf = (version: string, shape: unknown): string => `${version}-${digest(shape)}`;
