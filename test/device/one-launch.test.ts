/** A search of few targets is one launch, and its answers are those of two. */
import { expect, it } from 'vitest';
import { isSoftwareDevice, SOFTWARE_DEVICE } from '../cases/device.js';
import { times } from '../cases/extent.js';
import { runProgram } from '../cases/programs.js';
import { describeWhere } from '../cases/waiting.js';

interface Outcome {
  readonly answered: number;
  readonly wrong: number;
  readonly code?: string;
}

const ROUNDS = times(12, 6);

const run = (users: number, targets: number, env: Readonly<Record<string, string>>) =>
  runProgram<Outcome>('one-launch.mjs', {
    env: { ROUNDS: String(ROUNDS), USERS: `${users}`, TARGETS: `${targets}`, ...env },
  });

it.each([
  [1, 1, '1'],
  [1, 8, '8'],
  [5, 1, '1'],
  [5, 3, '4'],
  [3, 9, '8'],
  [4, 2, '0'],
])(
  'answers %i users of %i targets, up to %s in one launch, as the CPU',
  async (users, targets, most) => {
    for (const graphs of ['0', '1']) {
      const env = { KLEIO_CUDA_ONE_LAUNCH: most, KLEIO_CUDA_GRAPHS: graphs };
      expect(await run(users, targets, env)).toEqual({ answered: ROUNDS, wrong: 0 });
    }
  },
);

// A software device counts launches and fails at its n-th.
describeWhere(isSoftwareDevice(), SOFTWARE_DEVICE)('of a hundred launches', () => {
  const answered = async (targets: number, most: string) => {
    const { wrong, code, answered } = await run(1, targets, {
      ROUNDS: '200',
      KLEIO_CUDA_GRAPHS: '0',
      KLEIO_CUDA_ONE_LAUNCH: most,
      KLEIO_SOFTWARE_DEVICE: 'fail_launch=101',
    });
    expect([wrong, code]).toEqual([0, 'ERR_KLEIO_DEVICE_LOST']);
    return answered;
  };

  it('each answers a search where targets are few', async () => {
    expect(await answered(1, '1')).toBe(100);
    expect(await answered(8, '8')).toBe(100);
  });

  it('two answer a search otherwise', async () => {
    expect(await answered(2, '1')).toBe(50);
    expect(await answered(1, '0')).toBe(50);
  });
});
