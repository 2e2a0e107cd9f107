/** What is read of damaged parquet files is what another reader finds. */
import { expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { fuzz } from '../fuzz/fuzzing.js';
import { parquetTarget } from '../fuzz/parquet.js';

it('is confirmed where both can read a file', async () => {
  const files = times(400, 100);
  let confirmed = 0;
  const target = parquetTarget(() => {
    confirmed += 1;
  });
  await fuzz(target, Number(process.env.KLEIO_SEED), ({ inputs }) => inputs >= files);
  expect(confirmed).toBeGreaterThan(0);
});
