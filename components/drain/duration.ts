const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600 } as const;

/** A duration that could not be read. */
export class DurationError extends Error {
  constructor(readonly value: unknown) {
    super(
      `"${String(value)}" is not a duration: a number with a unit is wanted, such as "500ms", "30s", "1m30s" or "2h"`,
    );
    this.name = "DurationError";
  }
}

/** Seconds in a duration such as "500ms", "30s", "1m30s". Zero is "0s". @throws DurationError */
export function seconds(text: string): number {
  if (typeof text !== "string" || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) throw new DurationError(text);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return Math.round(total * 1000) / 1000;
}

/** The shortest usual way to write a number of seconds as a duration: 90 is "1m30s". */
export function duration(value: number): string {
  const ms = Math.round(value * 1000);
  if (ms === 0) return "0s";
  if (ms % 1000 !== 0) return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
  const whole = ms / 1000;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  return [hours && `${hours}h`, minutes && `${minutes}m`, rest && `${rest}s`].filter(Boolean).join("");
}
