/** How receipts write numbers and times: the same in the terminal and on the page. */

/** 6214 as `6,214`. */
export const count = (n: number): string => n.toLocaleString("en-US");

/**
 * A fraction as a percentage, rounded up to two digits: for a bound, rounding down would claim too much.
 * 0.000482 as `0.049 %`.
 */
export function percentAtMost(fraction: number): string {
  const percent = fraction * 100;
  if (percent <= 0) return "0 %";
  if (percent >= 100) return "100 %";
  const digits = Math.max(0, 1 - Math.floor(Math.log10(percent)));
  const scale = 10 ** digits;
  // The small term keeps 5 % from becoming 5.1 % by the error of binary fractions.
  const up = Math.ceil(percent * scale - 1e-9) / scale;
  return `${Number(up.toFixed(digits))} %`;
}

/** Milliseconds as `0.4 s`, `12.3 s` or `3 min 05 s`: always one digit under a minute and a half, so that columns align. */
export function took(ms: number): string {
  if (ms < 90_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** `2026-11-21 04:12:07 UTC`. */
export const utc = (iso: string): string =>
  `${new Date(iso).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** `1 request`, `2 requests`. */
export const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
