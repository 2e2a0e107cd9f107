/** A history takes what it says, and everything is given back. */
import { expect, it } from 'vitest';
import { runProgram } from './cases/programs.js';
import { DTYPES } from './oracle/float-formats.js';

const nodeOptions = ['--expose-gc'];

it.each(DTYPES)(
  'a history of a million behaviours over %s says what it takes, within 10 %%',
  async (dtype) => {
    const env = { KLEIO_TEST_DTYPE: dtype };
    const measured = await runProgram<Record<string, number>>('memory-formula.mjs', {
      nodeOptions,
      env,
    });
    const { byteLength = 0, grown = 0, length, distinct } = measured;
    expect([length, distinct]).toEqual([1_000_000, 300_000]);
    expect(grown / byteLength, `${grown} bytes measured, ${byteLength} said`).toBeGreaterThan(0.9);
    expect(grown / byteLength, `${grown} bytes measured, ${byteLength} said`).toBeLessThan(1.1);
  },
);

it('20 000 searches and 2000 cycles of creating and closing grow the process by less than 10 MB', async () => {
  const grown = await runProgram<Record<string, number>>('memory-growth.mjs', { nodeOptions });
  expect(grown.searches).toBeLessThan(10);
  expect(grown.cycles).toBeLessThan(10);
});
