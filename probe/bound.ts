/**
 * The exact (Clopper-Pearson) upper limit, at 95 % confidence and one-sided, of a rate of which `failed` in `total`
 * were seen. Without failures it is close to 3 / total.
 * @returns a fraction; 1 when nothing was tried
 */
export function upperBound95(failed: number, total: number): number {
  if (total === 0 || failed >= total) return 1;
  // The largest rate at which seeing this few failures is still as likely as 5 %.
  let [low, high] = [failed / total, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (atMost(failed, total, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * P(X <= k) for X binomial(n, p), summed from X = k downwards: with k/n < p, each term is smaller than the one before,
 * so the sum ends where more terms change nothing. The first term is taken in logarithms: n goes into the millions.
 */
function atMost(k: number, n: number, p: number): number {
  const logTerm =
    logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let term = Math.exp(logTerm);
  let sum = term;
  for (let i = k; i > 0 && term > sum * 1e-12; i--) {
    term *= (i * (1 - p)) / ((n - i + 1) * p);
    sum += term;
  }
  return sum;
}

/** ln(n!), by Stirling's series where the product would be long. */
function logFactorial(n: number): number {
  if (n < 32) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
}
