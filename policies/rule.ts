import { UnknownField, UnreadableField } from "./field";
import type { Container, Workload } from "./model";

/** Thresholds of the rules, from the pack's config. */
export interface Settings {
  /** Environments in which nothing may interrupt the service. An object without environment counts as one of them. */
  production: readonly string[];
  /** Room between the app's forced exit and the kubelet's kill, in seconds. */
  margin: number;
  /** The app's own shutdown time in seconds, for workloads that do not say theirs. */
  shutdown?: number | undefined;
}

/** What is wrong with one object: what it has, what it needs, how to get there. */
export interface Violation {
  is: "violation";
  /** Where in the manifest. */
  path: string;
  /** The sentence that names the actual value. Never a secret. */
  actual: string;
  /** What it must be, or have. */
  required: string;
  /** @default "be" */
  must?: "be" | "have";
  fix: string;
}

/** The manifest does not say enough to tell. Reported, never taken for a pass. */
export interface NotDeterminable {
  is: "not-determinable";
  why: string;
  /** What settles it, as a sentence. */
  next: string;
}

/** The rule has nothing to say about this object. */
export interface NotApplicable {
  is: "not-applicable";
  why: string;
}

export type Result = Violation | NotDeterminable | NotApplicable;

export interface Rule {
  /** In kebab case; the anchor in docs/policies.md. */
  id: string;
  /** What must hold, as a sentence. */
  title: string;
  /** What users suffer otherwise. */
  why: string;
  /** The fields, labels and annotations it looks at. */
  reads: readonly string[];
  /** What passes, briefly, for the docs. */
  passes: string;
  /** Empty: it passes. May throw what `Workload` throws. */
  check(workload: Workload, settings: Settings): Result[];
}

export const violation = (at: Omit<Violation, "is">): Result[] => [{ is: "violation", ...at }];
export const notDeterminable = (why: string, next: string): Result[] => [
  { is: "not-determinable", why, next },
];
export const notApplicable = (why: string): Result[] => [{ is: "not-applicable", why }];
export const passes: Result[] = [];

/** Runs a check over a manifest nobody has validated. Never throws, and takes nothing it could not read for a pass. */
export function attempt(check: () => Result[]): Result[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof UnknownField) {
      return notDeterminable(error.message, "The update checks it again, when the value is known");
    }
    if (error instanceof UnreadableField) {
      return violation({
        path: error.path,
        actual: `could not be read: ${error.path} is ${error.found}`,
        required: error.wanted,
        fix: `make ${error.path} ${error.wanted}`,
      });
    }
    return violation({
      path: "",
      actual: `could not be read: ${(error as Error).name}`,
      required: "a manifest that can be read",
      fix: "correct the manifest; if nothing is wrong with it, report this as a bug",
    });
  }
}

/** Judges every container by itself: what is wrong with one does not hide what is wrong with the next. */
export const eachContainer = (workload: Workload, check: (container: Container) => Result[]): Result[] =>
  workload.containers().flatMap((container) => attempt(() => check(container)));

/** Judges one workload by one rule. */
export const judge = (rule: Rule, workload: Workload, settings: Settings): Result[] =>
  attempt(() => rule.check(workload, settings));

/** The environment a workload belongs to; none when neither it nor its stack names one. */
export interface Place {
  name: string | undefined;
  /** Nothing may interrupt it. */
  production: boolean;
}

/**
 * Where a workload runs. The object's label says it, but a stack named after a production environment (`prod`,
 * `prod-blue`) stays one whatever its objects' labels say; without a label it counts as production.
 */
export function placeOf(workload: Workload, { production }: Pick<Settings, "production">): Place {
  const stack = workload.origin.stack ?? "";
  const byStack = production.find((name) => stack === name || stack.startsWith(`${name}-`));
  if (byStack !== undefined) return { name: byStack, production: true };
  const name = workload.environment() || undefined;
  return { name, production: name === undefined || production.includes(name) };
}

export const DOCS = "docs/policies.md";

/** One line for whoever wrote the object. */
export function message(rule: Rule, workload: Workload, result: Violation | NotDeterminable): string {
  const docs = `See ${DOCS}#${rule.id}`;
  if (result.is === "not-determinable") {
    return `${workload.title}: ${rule.id} is not determinable: ${result.why}. ${result.next}. ${docs}`;
  }
  return `${workload.title}: ${result.actual}; it must ${result.must ?? "be"} ${result.required}. Fix: ${result.fix}. ${docs}`;
}
