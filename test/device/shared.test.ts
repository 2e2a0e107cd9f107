/** What lies on a device is there once, whatever threads have handles of it. */
import { expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { weightsPath } from '../cases/muse-golden.js';
import { runProgram } from '../cases/programs.js';

const RANKER_WEIGHTS = weightsPath('muse_a');

it('answers workers that share it alike', async () => {
  const env = { RANKER_WEIGHTS, KLEIO_TEST_WORKERS: '3', KLEIO_TEST_ROWS: '300' };
  const outcome = await runProgram('workers-shared.mjs', { env });
  expect(outcome).toMatchObject({ different: [], sameTokens: true });
});

const TERMINATIONS = times(24, 12);

it(`survives ${TERMINATIONS} workers terminated with it`, async () => {
  const env = { RANKER_WEIGHTS, KLEIO_TEST_TERMINATIONS: String(TERMINATIONS) };
  const outcome = await runProgram('workers-shared-terminated.mjs', { env });
  expect(outcome).toEqual({ terminated: TERMINATIONS, wrong: 0 });
});
