/** Order statistics, and how sure they are: bootstrap over blocks, because neighbouring calls are alike. */

import type { Uniform } from './uniform.js';

/** The value below which `share` of the sample lies, interpolated. */
export function quantile(sample: ArrayLike<number>, share: number): number {
  return sortedQuantile(Float64Array.from(sample).sort(), share);
}

export function sortedQuantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (at - below);
}

export const median = (sample: ArrayLike<number>): number => quantile(sample, 0.5);

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Median and quartiles. */
export interface Spread extends Interval {
  readonly median: number;
}

export function spread(sample: ArrayLike<number>): Spread {
  const sorted = Float64Array.from(sample).sort();
  return {
    median: sortedQuantile(sorted, 0.5),
    lower: sortedQuantile(sorted, 0.25),
    upper: sortedQuantile(sorted, 0.75),
  };
}

export interface BootstrapOptions {
  /** Default 0.95. */
  readonly level?: number;
  /** Default 400. */
  readonly resamples?: number;
  readonly uniform: Uniform;
}

/**
 * Percentile interval of a statistic by the moving-block bootstrap (Künsch 1989): blocks of √n
 * neighbours are drawn, so that a slow second of the machine counts as one event and not as a thousand.
 */
export function bootstrapInterval(
  sample: ArrayLike<number>,
  statistic: (resample: Float64Array) => number,
  { level = 0.95, resamples = 400, uniform }: BootstrapOptions,
): Interval {
  const size = sample.length;
  const block = Math.max(1, Math.floor(Math.sqrt(size)));
  const resample = new Float64Array(size);
  const values = Float64Array.from({ length: resamples }, () => {
    for (let at = 0; at < size; at += block) {
      const start = Math.floor(uniform() * (size - block + 1));
      for (let i = 0; i < block && at + i < size; ++i) resample[at + i] = sample[start + i]!;
    }
    return statistic(resample);
  }).sort();
  return {
    lower: sortedQuantile(values, (1 - level) / 2),
    upper: sortedQuantile(values, (1 + level) / 2),
  };
}

/** For `bootstrapInterval`: sorts its argument, which is redrawn anyway. */
export function medianInPlace(resample: Float64Array): number {
  return sortedQuantile(resample.sort(), 0.5);
}
