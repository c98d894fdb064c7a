/** One value of a config that two versions differ in. */
export interface Change {
  key: string;
  /** Undefined where the key was added or taken away. */
  before: string | undefined;
  after: string | undefined;
}

export interface Diff {
  changed: Change[];
  /** Keys whose value is the same in both. */
  same: { key: string; value: string }[];
}

/** What differs between two configs, value by value, keys in order. Pure. */
export function diff(before: unknown, after: unknown): Diff {
  const [old, now] = [flatten(before), flatten(after)];
  const result: Diff = { changed: [], same: [] };
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(key), now.get(key)];
    if (was === is && is !== undefined) result.same.push({ key, value: is });
    else result.changed.push({ key, before: was, after: is });
  }
  return result;
}

/** Every leaf by its path: `shares.blue` -> `100`. */
function flatten(value: unknown, path = "", leaves = new Map<string, string>()): Map<string, string> {
  if (value !== null && typeof value === "object" && Object.keys(value).length > 0)
    for (const [key, inner] of Object.entries(value as Record<string, unknown>))
      flatten(inner, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key, leaves);
  else if (value !== undefined && !(value === null && path === ""))
    leaves.set(path || "(all)", typeof value === "string" ? value : JSON.stringify(value));
  return leaves;
}
