/** Damaged parquet files are refused, or say what another reader finds; `npm run fuzz` goes on for longer. */
import { expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { fuzzParquet } from '../fuzz/parquet.js';

/**
 * Pages behind the last value of a column, which are nobody's; sizes by which one reader goes back for ever;
 * an empty list that goes on.
 */
const FOUND = [579, 1366, 900_129, 17_437];

it('of any damage', async () => {
  const files = times(400, 100);
  const report = await fuzzParquet(Number(process.env.KLEIO_SEED), (soFar) => soFar.files >= files);
  expect(report.refused).not.toEqual({});
  expect(report.confirmed).toBeGreaterThan(0);
});

it.each(FOUND)('that was a finding once: %i', async (seed) => {
  const { files } = await fuzzParquet(seed, (soFar) => soFar.files >= 1);
  expect(files).toBe(1);
});
