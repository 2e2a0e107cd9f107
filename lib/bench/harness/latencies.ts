/** What a sample of call times says. */

import type { Latencies } from './results.js';
import { bootstrapInterval, medianInPlace, sortedQuantile } from './statistics.js';
import type { Uniform } from './uniform.js';

const OUTLIERS_SHOWN = 10;
const FAR_FENCE = 3;

export function latenciesOf(
  sample: Float64Array,
  relativePrecision: number,
  uniform: Uniform,
): Latencies {
  const sorted = sample.slice().sort();
  const at = (share: number) => sortedQuantile(sorted, share);
  // With fewer calls than this beyond the quantile, it would be one call's luck.
  const tail = (share: number) => (sorted.length * (1 - share) >= 0.999 ? at(share) : null);
  const fence = at(0.75) + FAR_FENCE * (at(0.75) - at(0.25));
  const outliers = sorted.filter((value) => value > fence);
  const interval = bootstrapInterval(sample, medianInPlace, { uniform });
  return {
    calls: sorted.length,
    p50: at(0.5),
    p90: tail(0.9),
    p99: tail(0.99),
    p999: tail(0.999),
    least: sorted[0]!,
    most: sorted.at(-1)!,
    interval,
    precise:
      interval.upper - interval.lower <= relativePrecision * (interval.upper + interval.lower),
    outliers: { count: outliers.length, largest: [...outliers.slice(-OUTLIERS_SHOWN)] },
  };
}
