/**
 * The event loop stays free: how free is measured by bench/overheads, here only that the pool does the
 * work. Its thread is held as long as the loop is looked at, so no machine is too slow or too fast for it.
 */
import { expect, it } from 'vitest';
import { weightsPath } from './cases/muse-golden.js';
import { runProgram } from './cases/programs.js';

it('turns, and histories grow, while a search reads one of them', async () => {
  const env = { KLEIO_THREADS: '1', KLEIO_QUEUE: '2' };
  expect(await runProgram('event-loop.mjs', { env })).toEqual({
    turns: 20,
    appended: 150,
    stillRunning: true,
    nextWaits: true,
    reason: 'no longer needed',
    // The seven newest of the behaviours that were there when it was called.
    newest: [0, -1, -2, -3, -4, -5, -6],
  });
});

it('does nothing itself of what the pool is asked', async () => {
  const env = { KLEIO_THREADS: '1', KLEIO_QUEUE: '16', RANKER_WEIGHTS: weightsPath('muse_a') };
  const outcome = await runProgram<Record<string, unknown>>('pool-only.mjs', { env });
  expect(outcome.waiting).toEqual(outcome.calls);
  expect(outcome.answered).toBe((outcome.calls as string[]).length);
});
