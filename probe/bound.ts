/**
 * The exact (Clopper-Pearson) upper limit, at 95 % confidence and one-sided, of a rate of which `failed` in `total`
 * were seen. Without failures that is close to 3 / total.
 * @returns a fraction; 1 when nothing was tried
 */
export function upperBound95(failed: number, total: number): number {
  if (total === 0 || failed >= total) return 1;
  // The largest p for which seeing so few failures is still as likely as 5 %.
  let [low, high] = [failed / total, 1];
  for (let step = 0; step < 60; step++) {
    const p = (low + high) / 2;
    if (binomialTail(failed, total, p) > 0.05) low = p;
    else high = p;
  }
  return high;
}

/** P(X <= k) of a binomial, summed in logarithms: totals go into the millions. */
function binomialTail(k: number, n: number, p: number): number {
  let term = n * Math.log1p(-p);
  let sum = Math.exp(term);
  for (let i = 1; i <= k; i++) {
    term += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(term);
  }
  return sum;
}
