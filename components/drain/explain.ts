import { type DrainBudget, drainBudget, type DrainInput, drainNumbers, exact } from "./budget";
import { duration } from "./duration";
import { INEQUALITIES } from "./inequalities";
import { ROUTERS } from "./routers";

/** One time of the budget, and how it came about. */
export interface DrainLine {
  name: keyof DrainBudget;
  seconds: number;
  /** What it was computed from, with the numbers. */
  formula: string;
  /** The inequality it satisfies, or who measured it. */
  source: string;
}

/** The drain budget, line by line. @throws HitlessError as `drainBudget` does */
export function explainDrain(input: DrainInput): DrainLine[] {
  const { slowest, propagation, longestRequest, cleanup, lameDuck, margin, stickyTtl } = drainNumbers(input);
  const budget = drainBudget(input);
  const { preStop, shutdown } = budget;
  const line = (name: keyof DrainBudget, formula: string, source: string): DrainLine => ({
    name,
    seconds: budget[name],
    formula,
    source,
  });
  const sum = (parts: Record<string, number>) =>
    Object.entries(parts)
      .map(([name, value]) => `${name} ${duration(value)}`)
      .join(" + ");
  return [
    slowest
      ? line("propagation", `the slowest in front: ${slowest}`, ROUTERS[slowest].source)
      : line("propagation", "as given", "override"),
    line("preStop", `${sum({ propagation })}, in whole seconds`, INEQUALITIES[1]),
    line(
      "shutdown",
      sum({ "lame duck": lameDuck, "longest request": longestRequest, cleanup }),
      INEQUALITIES[2],
    ),
    line("grace", `${sum({ preStop, shutdown, margin })}, in whole seconds`, INEQUALITIES[3]),
    line(
      "hold",
      stickyTtl > exact(propagation + longestRequest)
        ? sum({ "the sticky time": stickyTtl })
        : sum({ propagation, "longest request": longestRequest }),
      INEQUALITIES[13],
    ),
  ];
}
