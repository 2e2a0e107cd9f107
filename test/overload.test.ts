/**
 * A service under overload goes on answering: callers that ask again at once come as fast as the pool works.
 * How fast that is, bench/overload measures; here refusals are counted.
 */
import { describe, expect, it } from 'vitest';
import { weightsPath } from './cases/muse-golden.js';
import { runProgram } from './cases/programs.js';

/** No refusal is heard of because of the time. */
const A_DAY = '86400000';
const RANKER_WEIGHTS = weightsPath('muse_a');

describe('who asks again at once, without a turn of the event loop,', () => {
  it('is answered, whatever the call, and refused no more often than places become free', async () => {
    const env = { KLEIO_THREADS: '2', KLEIO_QUEUE: '3', KLEIO_REFUSAL_MS: A_DAY, RANKER_WEIGHTS };
    const { calls, short, refused } = await runProgram<{
      readonly calls: number;
      readonly short: readonly string[];
      readonly refused: number;
    }>('overload.mjs', { env });
    expect(short).toEqual([]);
    expect(refused).toBeGreaterThan(0);
    // One for each place; and one who was refused just before the last place became free.
    expect(refused).toBeLessThanOrEqual(2 * calls);
  });

  it('is answered in every worker that shares the pool', async () => {
    const env = { KLEIO_THREADS: '2', KLEIO_QUEUE: '2', KLEIO_REFUSAL_MS: A_DAY };
    const { environments, calls, answered, refused, wrong } = await runProgram<
      Readonly<Record<'environments' | 'calls' | 'answered' | 'refused' | 'wrong', number>>
    >('overload-workers.mjs', { env });
    expect([answered, wrong]).toEqual([calls, 0]);
    expect(refused).toBeGreaterThan(0);
    // The last place that becomes free may be told to one in each environment.
    expect(refused).toBeLessThanOrEqual((1 + environments) * calls);
  });
});

describe('a refused caller hears of it', () => {
  const outcomeWith = (milliseconds: string) =>
    runProgram<Record<string, unknown>>('refused-in-turn.mjs', {
      env: { KLEIO_THREADS: '1', KLEIO_QUEUE: '1', KLEIO_REFUSAL_MS: milliseconds },
    });

  it('in turn, when a place has become free or its signal aborts', async () => {
    expect(await outcomeWith(A_DAY)).toEqual({
      atOnce: false,
      later: false,
      aborted: 'ERR_KLEIO_QUEUE_FULL',
      place: 'ERR_KLEIO_QUEUE_FULL',
      others: false,
      answers: ['answered', 'ERR_KLEIO_QUEUE_FULL'],
    });
  });

  it('at once, where that was asked for', async () => {
    expect(await outcomeWith('0')).toMatchObject({
      atOnce: true,
      aborted: 'ERR_KLEIO_QUEUE_FULL',
      place: 'ERR_KLEIO_QUEUE_FULL',
      answers: ['answered', 'ERR_KLEIO_QUEUE_FULL'],
    });
  });

  it('in time, where no place becomes free', async () => {
    const env = { KLEIO_QUEUE: '4', KLEIO_THREADS: '1', KLEIO_REFUSAL_MS: '1' };
    const { refused, later } = await runProgram<Record<string, unknown>>('full-queue.mjs', { env });
    expect(refused).toEqual(['ERR_KLEIO_QUEUE_FULL']);
    expect(later).toEqual(new Array(2).fill('ERR_KLEIO_QUEUE_FULL'));
  });
});
