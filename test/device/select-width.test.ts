/** What of a device selects for one target, a thread block or a warp, shows in no answer. */
import { describe, expect, it } from 'vitest';
import { times } from '../cases/extent.js';
import { runProgram } from '../cases/programs.js';

interface Answered {
  readonly wrong: number;
}
interface Users extends Answered {
  readonly usage: Readonly<Record<'cpuSearches' | 'visitedRows', number>>;
}
interface Tied extends Answered {
  readonly compactions: number;
}

const WARP = { KLEIO_CUDA_SELECT: 'warp' };
const ROUNDS = times(12, 4);

describe.each(['blocks', 'lists'])('KLEIO_CUDA_SELECT=warp, by %s', (search) => {
  const env = { ...WARP, KLEIO_DEVICE_SEARCH: search };

  it('answers sixty users that change as the CPU', async () => {
    const { wrong, usage } = await runProgram<Users>('device-users.mjs', { env });
    expect([wrong, usage.cpuSearches]).toEqual([0, 0]);
    expect(usage.visitedRows).toBeGreaterThan(0);
  });

  it.each([
    [1, 3, '0'],
    [5, 9, '1'],
    [2, 140, '1'],
  ])('answers %i users of %i targets at once as the CPU', async (users, targets, graphs) => {
    const found = await runProgram('one-launch.mjs', {
      env: {
        ...env,
        ROUNDS: String(ROUNDS),
        USERS: `${users}`,
        TARGETS: `${targets}`,
        KLEIO_CUDA_GRAPHS: graphs,
        KLEIO_CUDA_ONE_LAUNCH: '0',
      },
    });
    expect(found).toEqual({ answered: ROUNDS, wrong: 0 });
  });
});

// A warp's buffer holds 128 keys of these searches, a thread block's all of them.
it.each([
  ['block', false],
  ['warp', true],
])('%s: ties by the hundred, in a buffer that is full: %s', async (width, full) => {
  const { wrong, compactions } = await runProgram<Tied>('tied.mjs', {
    env: { KLEIO_CUDA_SELECT: width },
  });
  expect([wrong, compactions > 0]).toEqual([0, full]);
});
