/** A few of the inputs that `npm run fuzz` tries without end, and all that once found something. */
import { describe, expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { fuzz } from '../fuzz/fuzzing.js';
import { FINDINGS, TARGETS } from '../fuzz/targets.js';

const INPUTS = times(400, 100);

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (name, target) => {
  it(`survives ${INPUTS} damaged inputs`, { timeout: 120_000 }, async () => {
    const seed = Number(process.env.KLEIO_SEED);
    const { refused } = await fuzz(target, seed, ({ inputs }) => inputs === INPUTS);
    expect(refused).toHaveProperty('ERR_KLEIO_FORMAT');
  });

  it.each((FINDINGS[name] ?? []).map((seed) => [seed]))('answers seed %i', async (seed) => {
    await fuzz(target, seed, ({ inputs }) => inputs === 1);
  });
});
