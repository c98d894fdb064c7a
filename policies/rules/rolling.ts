export const NO_ROLLING = "Recreate replaces all pods at once";

/** Whether a number of pods, or a percentage of them, is none. */
export const isZero = (value: number | string): boolean => Number.parseInt(String(value), 10) === 0;
