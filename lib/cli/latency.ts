/** Wall-clock latencies of a repeated call: information, not a benchmark. */

export interface Latency {
  readonly targets: number;
  readonly call: 'search' | 'searchSync' | 'rank' | 'rankSync';
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const BUDGET_MS = 1500;
const MIN_CALLS = 5;
const MAX_CALLS = 2000;
const WARM_UP_CALLS = 2;

/** Calls until the time or the calls are used up. */
export async function measure(
  call: () => unknown,
): Promise<Pick<Latency, 'calls' | 'p50Ms' | 'p99Ms'>> {
  for (let warmUp = 0; warmUp < WARM_UP_CALLS; ++warmUp) await call();
  const elapsedMs: number[] = [];
  const begun = performance.now();
  while (elapsedMs.length < MAX_CALLS) {
    const started = performance.now();
    if (elapsedMs.length >= MIN_CALLS && started - begun > BUDGET_MS) break;
    const result = call();
    if (result instanceof Promise) await result;
    elapsedMs.push(performance.now() - started);
  }
  elapsedMs.sort((a, b) => a - b);
  return {
    calls: elapsedMs.length,
    p50Ms: quantile(elapsedMs, 0.5),
    p99Ms: quantile(elapsedMs, 0.99),
  };
}

/** The smallest value that at least this fraction of the sorted values does not exceed. */
function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.ceil(fraction * sorted.length) - 1]!;
}
