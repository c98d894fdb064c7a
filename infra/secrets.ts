import { refused } from "../shared/errors";
import { SECRETS_KEY } from "./config";

/** Environment variables whose values are secret, by name. */
export type Secrets = Record<string, string>;

/**
 * Reads the one setting that is secret. Read here and not by `pulumi.Config`, whose messages show the value.
 * @param file the stack file, for the message
 * @throws HitlessError, which shows names and never values
 */
export function readSecrets(text: string | undefined, file: string): Secrets | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below, without the parser's words: they quote the text.
  }
  const named = value !== null && typeof value === "object" && !Array.isArray(value);
  const wrong = named ? Object.entries(value as object).filter(([, one]) => typeof one !== "string") : [];
  if (named && wrong.length === 0) return value as Secrets;
  const where = `${file}, hitless:${SECRETS_KEY}`;
  const fix = `pulumi config set --secret --path 'hitless:${SECRETS_KEY}.NAME' VALUE`;
  throw refused(
    `${file}: the secrets cannot be used`,
    named
      ? wrong.map(([key]) => ({
          where: `${where}.${key}`,
          what: "is not text (its value is not shown)",
          fix,
        }))
      : [{ where, what: "is not valid (its value is not shown)", allowed: "names with a text each", fix }],
  );
}
