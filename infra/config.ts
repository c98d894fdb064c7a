import { refused } from "../shared/errors";
import { problemsOf } from "./explain";
import { configSchema, type StackConfig } from "./schema";

export * from "./schema";
export { type Workload, workloadSchema } from "./workload-schema";

/** The one setting that is secret. The program reads it apart from all others, and no message ever shows it. */
export const SECRETS_KEY = "secrets";

/** Settings that are text even where they look like a number: version 1.10 is not 1.1. */
const TEXT_KEYS = new Set(["version", "environment", "app", "namespace"]);

/**
 * Validates one stack's config, given as the engine hands it over (each value a string, objects as JSON).
 * @param file the stack file, for the messages
 * @param secret the keys that are stored as secrets; their values are never shown
 * @throws HitlessError with every problem at once
 */
export function parseStackConfig(
  raw: Record<string, string>,
  file: string,
  secret: ReadonlySet<string> = new Set(),
): StackConfig {
  const values = Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key !== SECRETS_KEY)
      .map(([key, text]) => [key, parseValue(key, text)]),
  );
  const misplaced = Object.keys(values).filter((key) => secret.has(key) || holdsSecret(values[key]));
  const result = configSchema.safeParse(values);
  if (result.success && misplaced.length === 0) return result.data;
  const problems = [
    ...misplaced.map((key) => ({
      where: `${file}, hitless:${key}`,
      what: "is stored as a secret, and would be written into objects in the clear",
      fix: `put what is secret under hitless:${SECRETS_KEY} (docs/config.md), the rest in the clear`,
    })),
    ...(result.error ? problemsOf(result.error, values, file) : []).filter(
      // What is said of a secret's inside says too much.
      ({ where }) => !misplaced.some((key) => new RegExp(`hitless:${key}(\\.|$)`).test(where)),
    ),
  ];
  throw refused(
    `${file}: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in the config`,
    problems,
  );
}

/** Config values are strings; what reads as JSON is meant as JSON, anything else is text. */
function parseValue(key: string, text: string): unknown {
  if (TEXT_KEYS.has(key)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** In a stack file a secret is an object `{ secure: CIPHERTEXT }`, at any depth. */
function holdsSecret(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") return true;
  return entries.some(([, inner]) => holdsSecret(inner));
}
