import { z } from "zod";
import { seconds } from "../components/drain";

/** The kinds of value that settings have. A kind's title stands in docs/config.md; messages say it in full. */
const titled = <Schema extends z.ZodType>(title: string, schema: Schema): Schema => schema.meta({ title });

const text = (allowed: string, pattern: RegExp, title = allowed) =>
  titled(title, z.string(allowed).regex(pattern, allowed));

/** The longest time that any setting may take, in seconds: it must fit what Kubernetes takes, with room for sums. */
const LONGEST = 24 * 3600;

/** Lower-case names as Kubernetes takes them for labels and object names, with room for what we add to them. */
export const name = text(
  "a lower-case name: letters, digits and '-', at most 42 characters",
  /^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/,
  "a name",
);

/** Kubernetes allows names of ports 15 characters, and no "--" in them. */
export const portName = text(
  "a lower-case name: letters, digits and single '-', at most 15 characters",
  /^(?!.*--)[a-z]([-a-z0-9]{0,13}[a-z0-9])?$/,
  "a port's name",
);

const DURATION = 'a duration with a unit, at most 24h, such as "500ms", "30s" or "1m30s"';
export const duration = text(DURATION, /^(\d{1,9}(\.\d{1,9})?(ms|s|m|h))+$/, "a duration").refine(
  (value) => seconds(value) <= LONGEST,
  { error: DURATION, when: ({ issues }) => issues.length === 0 },
);

const whole = (title: string, least: number, most: number) =>
  titled(title, z.int(title).min(least, title).max(most, title));

export const wholeNumber = (least: number, most: number) =>
  whole(`a whole number from ${least} to ${most}`, least, most);
export const port = wholeNumber(1, 65535);
/** For numbers that only grow. */
export const counter = (least: number) =>
  whole(`a whole number, ${least} or more`, least, Number.MAX_SAFE_INTEGER);

const INT_OR_PERCENT = 'a whole number, or a percentage such as "25%"';
export const intOrPercent = titled(
  "a whole number or a percentage",
  z.union(
    [
      z.int(INT_OR_PERCENT).min(0, INT_OR_PERCENT).max(1000, INT_OR_PERCENT),
      z.string(INT_OR_PERCENT).regex(/^\d{1,3}%$/, INT_OR_PERCENT),
    ],
    INT_OR_PERCENT,
  ),
);

export const slot = z.enum(["blue", "green"]);
export const absolutePath = text("a path that starts with '/'", /^\//, "a path");
export const mountedFile = text(
  "a path in the container that starts with '/', of letters, digits, '.', '_' and '-'",
  /^(\/[A-Za-z0-9._-]+)+$/,
);
export const version = text(
  "a version such as v1.2.3, at most 32 characters",
  /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,30}[A-Za-z0-9])?$/,
  "a version",
);
export const plainText = titled("text", z.string("text"));
export const someText = titled("text", z.string("text, not empty").min(1, "text, not empty"));
