/** The benchmark's statistics say what they claim to, on samples whose truth is known. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { latenciesOf } from '../../lib/bench/harness/latencies.js';
import { bootstrapInterval, medianInPlace, quantile } from '../../lib/bench/harness/statistics.js';
import { uniformStream } from '../../lib/bench/harness/uniform.js';
import { exhaustive } from '../cases/extent.js';

const uniform = uniformStream(11);
const median = (sample: Float64Array) => bootstrapInterval(sample, medianInPlace, { uniform });

it('interpolates quantiles', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([4, 1, 3, 2], 1)).toBe(4);
  expect(quantile([5], 0.99)).toBe(5);
});

/** How often the 95 % interval of the median holds 0, over samples that are symmetric around it. */
async function coverage(draw: () => Float64Array): Promise<number> {
  const trials = 300;
  let held = 0;
  for (let trial = 0; trial < trials; ++trial) {
    // A worker that does not turn its loop for a minute is given up by its runner.
    await turn();
    const { lower, upper } = median(draw());
    if (lower <= 0 && upper >= 0) held += 1;
  }
  return held / trials;
}

it('covers the median of independent calls', async () => {
  const share = await coverage(() => Float64Array.from({ length: 200 }, () => uniform() - 0.5));
  expect(share).toBeGreaterThan(0.88);
  expect(share).toBeLessThan(0.995);
});

it.runIf(exhaustive)(
  'covers the median of calls that come in slow and fast stretches',
  async () => {
    const share = await coverage(() => {
      let stretch = 0;
      return Float64Array.from({ length: 400 }, (_, call) => {
        if (call % 8 === 0) stretch = uniform() - 0.5;
        return stretch + 0.1 * (uniform() - 0.5);
      });
    });
    expect(share).toBeGreaterThan(0.85);
  },
);

it('keeps outliers, counts them, and gives no quantile that one call decides', () => {
  const sample = Float64Array.from({ length: 200 }, (_, call) => 1 + (call % 10) / 100);
  sample[50] = 80;
  const ms = latenciesOf(sample, 0.02, uniform);
  expect(ms.outliers).toEqual({ count: 1, largest: [80] });
  expect(ms.most).toBe(80);
  expect(ms.p99).not.toBeNull();
  expect(ms.p999).toBeNull();
  expect(ms.interval.lower).toBeLessThanOrEqual(ms.p50);
  expect(ms.interval.upper).toBeGreaterThanOrEqual(ms.p50);
});
