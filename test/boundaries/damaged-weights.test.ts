/** A few of the damaged weights that `npm run fuzz` opens without end. */
import { expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { fuzzWeights } from '../fuzz/weights.js';

const FILES = times(400, 100);

it(`survives ${FILES} damaged files of weights`, async () => {
  const seed = Number(process.env.KLEIO_SEED);
  const report = await fuzzWeights(seed, ({ files }) => files === FILES);
  expect(report.refused).toHaveProperty('ERR_KLEIO_FORMAT');
});
