/** Damaged parquet files are refused, or say what another reader finds; `npm run fuzz` goes on for longer. */
import { expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { fuzzParquet } from '../fuzz/parquet.js';

/** Pages behind the last value of a column: one reader went on, the other did not. */
const FOUND = [579];

it('of any damage', async () => {
  const files = times(400, 100);
  const report = await fuzzParquet(Number(process.env.KLEIO_SEED), (soFar) => soFar.files >= files);
  expect(report.refused).not.toEqual({});
  expect(report.confirmed).toBeGreaterThan(0);
});

it.each(FOUND)('that was a finding once: %i', async (seed) => {
  expect((await fuzzParquet(seed, (soFar) => soFar.files >= 1)).confirmed).toBe(1);
});
