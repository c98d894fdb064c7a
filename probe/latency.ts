/** Buckets grow by 2 %: a quantile is right within that. */
const GROWTH = Math.log(1.02);
const LEAST_MS = 0.01;
const BUCKETS = 1200;

/** Counts latencies (milliseconds) in memory that does not grow. */
export class Latencies {
  private readonly buckets = new Uint32Array(BUCKETS);
  private count = 0;
  private most = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / GROWTH);
    this.buckets[Math.min(BUCKETS - 1, bucket)]! += 1;
    this.count += 1;
    this.most = Math.max(this.most, ms);
  }

  result(): { p50: number; p95: number; p99: number; max: number } {
    return {
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      max: round(this.most),
    };
  }

  private quantile(share: number): number {
    let left = Math.ceil(this.count * share);
    const bucket = this.buckets.findIndex((count) => (left -= count) <= 0);
    if (this.count === 0 || bucket < 0) return 0;
    return round(Math.min(this.most, LEAST_MS * Math.exp((bucket + 1) * GROWTH)));
  }
}

const round = (ms: number): number => Number(ms.toPrecision(3));
