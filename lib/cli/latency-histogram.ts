/** Latencies of any number of calls in fixed memory: counted in bins 1 % apart. */

const MIN_MS = 0.001;
const STEP = Math.log(1.01);
/** Up to about two hours. */
const BINS = 2300;

export class LatencyHistogram {
  readonly #counts = new Float64Array(BINS);
  #calls = 0;
  #longestMs = 0;

  add(elapsedMs: number): void {
    const bin = Math.ceil(Math.log(elapsedMs / MIN_MS) / STEP);
    this.#counts[Math.max(0, Math.min(BINS - 1, bin))]! += 1;
    this.#calls += 1;
    this.#longestMs = Math.max(this.#longestMs, elapsedMs);
  }

  /** A latency that at least this fraction of the calls does not exceed, too high by 1 % at most; the longest is exact. */
  quantileMs(fraction: number): number {
    let below = 0;
    for (let bin = 0; bin < BINS; ++bin) {
      below += this.#counts[bin]!;
      if (below > 0 && below >= fraction * this.#calls) {
        return Math.min(MIN_MS * Math.exp(bin * STEP), this.#longestMs);
      }
    }
    return Number.NaN;
  }
}
