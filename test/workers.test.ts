/** Every environment of a process shares one pool, and each may leave at any moment. */
import { expect, it } from 'vitest';
import { runProgram } from './cases/programs.js';

it('serves eight workers over one shared table alike', async () => {
  expect(await runProgram('workers-share-table.mjs')).toEqual({ workers: 8, answers: 1 });
});

it('survives 200 workers terminated in flight', async () => {
  const outcome = await runProgram('workers-terminated.mjs');
  expect(outcome).toEqual({ terminated: 200, wrong: 0 });
});
