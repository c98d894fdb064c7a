/** One thing that is wrong, in the order a reader asks: where, what was seen, what is allowed, the fix. */
export interface Problem {
  /** The file, key, object or command it is about. */
  where?: string;
  /** What is wrong, as a sentence. */
  what: string;
  /** The value seen. Never a secret. */
  value?: unknown;
  /** What would be accepted. */
  allowed?: string;
  /** What to do about it. */
  fix?: string;
}

/** Exit codes of every command: 1 refused or failed by a rule, gate or check; 2 usage or environment. */
export type FailureCode = 1 | 2;

/** An error meant for the user: printed without a stack, all problems at once. */
export class HitlessError extends Error {
  readonly problems: Problem[];

  constructor(
    readonly code: FailureCode,
    title: string,
    problems: Problem[] = [],
    options?: ErrorOptions,
  ) {
    super([title, ...problems.map(renderProblem)].join("\n"), options);
    this.name = "HitlessError";
    this.problems = problems;
    this.title = title;
  }

  readonly title: string;
}

/** A refusal: a rule, gate or check said no (exit 1). */
export const refused = (title: string, problems: Problem[] = [], options?: ErrorOptions): HitlessError =>
  new HitlessError(1, title, problems, options);

/** Wrong usage, or an environment in which the command cannot work (exit 2). */
export const unusable = (title: string, problems: Problem[] = [], options?: ErrorOptions): HitlessError =>
  new HitlessError(2, title, problems, options);

export function renderProblem(problem: Problem): string {
  const lines = [`  - ${problem.where ? `${problem.where}: ` : ""}${problem.what}`];
  if (problem.value !== undefined) lines.push(`      value:   ${show(problem.value)}`);
  if (problem.allowed) lines.push(`      allowed: ${problem.allowed}`);
  if (problem.fix) lines.push(`      fix:     ${problem.fix}`);
  return lines.join("\n");
}

const show = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
