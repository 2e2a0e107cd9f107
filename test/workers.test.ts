/** Every environment of a process shares one pool, and each may leave at any moment. */
import { expect, it } from 'vitest';
import { times } from './cases/extent.js';
import { runProgram } from './cases/programs.js';

it('serves eight workers over one shared table alike', async () => {
  const env = { KLEIO_TEST_ROUNDS: String(times(40)) };
  expect(await runProgram('workers-share-table.mjs', { env })).toEqual({ workers: 8, answers: 1 });
});

const TERMINATIONS = times(200);

it(`survives ${TERMINATIONS} workers terminated in flight`, async () => {
  const env = { KLEIO_TEST_TERMINATIONS: String(TERMINATIONS) };
  const outcome = await runProgram('workers-terminated.mjs', { env });
  expect(outcome).toEqual({ terminated: TERMINATIONS, wrong: 0 });
});
