/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** `least / median / most`, in seconds. */
export const spread = (ms: number[]): string =>
  [Math.min(...ms), median(ms), Math.max(...ms)].map((value) => `${(value / 1000).toFixed(2)} s`).join(" / ");
