import type { z } from "zod";
import type { Problem } from "../shared/errors";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Values that are often secret although nobody marked them so: shown by their kind only. */
const DISCREET: Path[] = [
  ["workload", "env"],
  ["workload", "args"],
  ["workload", "command"],
];

/** What is wrong with a config, each problem with the stack file, the key, the value and what is allowed. */
export function problemsOf(
  error: z.ZodError,
  values: Record<string, unknown>,
  file: string,
): (Problem & { where: string })[] {
  const explain = (issue: Issue): (Problem & { where: string })[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        where: at(file, [...issue.path, key]),
        what: "there is no such setting",
        fix: "remove it, or correct its name (docs/config.md lists them all)",
      }));
    }
    const inside = issue.code === "invalid_union" ? meant(issue) : undefined;
    if (inside) return inside.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }));
    const { path } = issue;
    const seen = valueAt(values, path);
    if (issue.code === "invalid_key") {
      const names = issue.issues.map((inner) => allowedBy(inner)).join(", ");
      return [
        {
          where: at(file, path),
          what: "is not a valid name here",
          value: String(path.at(-1)),
          allowed: names,
        },
      ];
    }
    return [
      {
        where: at(file, path),
        what: seen === undefined ? "is missing" : "is not valid",
        ...(seen === undefined
          ? {}
          : { value: isDiscreet(path) ? `(${kindOf(seen)}, not shown)` : shown(seen) }),
        allowed: allowedBy(issue),
      },
    ];
  };
  return error.issues.flatMap(explain);
}

const at = (file: string, path: Path): string => `${file}, hitless:${path.map(String).join(".")}`;

const valueAt = (values: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === "object" && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    values,
  );

const isDiscreet = (path: Path): boolean =>
  DISCREET.some((hidden) => hidden.every((key, index) => path[index] === key)) ||
  // The whole of it holds them too.
  (path.length === 1 && path[0] === "workload");

/** Text that reads like something else is quoted, so that "25" is not taken for 25. */
const shown = (value: unknown): unknown =>
  typeof value === "string" && /^(-?[\d.]+|true|false|null|)$/.test(value) ? JSON.stringify(value) : value;

const kindOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "object"
        ? "named values"
        : `a ${typeof value}`;

/** The branch of a union that the value was meant for: the one whose own kind it is, but something inside is wrong. */
function meant(issue: Extract<Issue, { code: "invalid_union" }>): Issue[] | undefined {
  const branches = issue.errors as Issue[][];
  return branches.find(
    (issues) =>
      !issues.some(
        ({ code, path }) =>
          path.length === 0 && code !== "unrecognized_keys" && code !== "invalid_union" && code !== "custom",
      ),
  );
}

/** What would be accepted, in words. */
function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.startsWith("Invalid")
        ? (KINDS[issue.expected] ?? `a ${issue.expected}`)
        : issue.message;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(", ");
    case "too_small":
      return issue.origin === "array" ? `at least ${issue.minimum} of them` : issue.message;
    case "too_big":
      return issue.origin === "array" ? `at most ${issue.maximum} of them` : issue.message;
    case "invalid_union": {
      if (!issue.message.startsWith("Invalid")) return issue.message;
      if (issue.errors.length === 0 && "options" in issue) return (issue.options as unknown[]).join(", ");
      return [...new Set(issue.errors.flat().map((inner) => allowedBy(inner)))].join(", or ");
    }
    default:
      return issue.message;
  }
}

const KINDS: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "named values",
  record: "named values",
};
