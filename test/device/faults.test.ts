/** A device that fails: an error with a code, and everything else goes on. */
import { expect, it } from 'vitest';
import { isSoftwareDevice, SOFTWARE_DEVICE } from '../cases/device.js';
import { exhaustive, times } from '../cases/extent.js';
import { runProgram } from '../cases/programs.js';
import { describeWhere } from '../cases/waiting.js';

interface Outcome {
  readonly codes: readonly string[];
  readonly wrong: number;
  readonly lost: boolean;
  readonly unusable: number;
}

const run = (faults: string, steps = '3', length = '2000') =>
  runProgram<Outcome>('device-faults.mjs', {
    env: {
      KLEIO_SOFTWARE_DEVICE: faults,
      KLEIO_TEST_STEPS: steps,
      KLEIO_TEST_LENGTH: length,
    },
  });

/**
 * `setting=n` for n from `first` on by steps of `step`, until one comes too late to be met: how many were
 * met. Each gives `code` once, and what is asked again is answered.
 */
async function meetAll(
  setting: string,
  code: string,
  { first = 1, step = 1, last = 10_000, steps = '1', length = '2000' } = {},
): Promise<number> {
  let met = 0;
  for (let n = first; n <= last; n += step, ++met) {
    const { codes, ...rest } = await run(`${setting}=${n}`, steps, length);
    if (codes.length === 0) break;
    expect({ n, codes, ...rest }).toEqual({ n, codes: [code], wrong: 0, lost: false, unusable: 0 });
  }
  return met;
}

/** In the modest extent every seventh, from one that the seed chooses. */
const SOME = exhaustive ? {} : { first: 1 + (Number(process.env.KLEIO_SEED) % 7), step: 7 };

describeWhere(isSoftwareDevice(), SOFTWARE_DEVICE)('a device that fails', () => {
  // Of tables, histories and workspaces, whichever comes n-th.
  it.each(Array.from({ length: times(14, 6) }, (_, n) => n + 1))(
    'survives that allocation %i finds no memory',
    async (n) => {
      const { codes, wrong, lost, unusable } = await run(`fail_allocation=${n}`);
      expect(codes.every((code) => code === 'ERR_KLEIO_OUT_OF_MEMORY')).toBe(true);
      expect([wrong, lost, unusable]).toEqual([0, false, 0]);
    },
  );

  it('meets every kind of allocation with these', async () => {
    const outcomes = await Promise.all([1, 2, 3, 4].map((n) => run(`fail_allocation=${n}`)));
    expect(outcomes.filter(({ codes }) => codes.length > 0).length).toBeGreaterThanOrEqual(2);
  });

  // So many in a row that neither evicting nor asking again helps.
  it('survives that any allocation fails for good, halfway through a send too', async () => {
    let failed = 0;
    for (let n = 1; ; ++n, ++failed) {
      const { codes, wrong, lost } = await run(`fail_allocation=${n},failing_allocations=8`);
      if (codes.length === 0) break;
      expect(codes.every((code) => code === 'ERR_KLEIO_OUT_OF_MEMORY')).toBe(true);
      expect([n, wrong, lost]).toEqual([n, 0, false]);
    }
    expect(failed).toBeGreaterThanOrEqual(20);
  });

  // The second and third piece of a column go up while the first is on its way.
  it('survives that any allocation of pinned memory fails, halfway through a send too', async () => {
    expect(await meetAll('fail_pinned', 'ERR_KLEIO_OUT_OF_MEMORY')).toBeGreaterThanOrEqual(6);
  });

  it('goes on after any copy or launch was refused', async () => {
    const met = await meetAll('refuse', 'ERR_KLEIO_DEVICE', SOME);
    expect(met * (SOME.step ?? 1)).toBeGreaterThanOrEqual(40);
  });

  it('goes on after a column was refused halfway', async () => {
    const of = { last: 14, length: '300000' };
    expect(await meetAll('refuse', 'ERR_KLEIO_DEVICE', of)).toBe(14);
  });

  it.each([1, 2, 3, 4, 7])('says that the device is lost after launch %i failed', async (n) => {
    const { codes, wrong, lost, unusable } = await run(`fail_launch=${n}`, '8');
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(['ERR_KLEIO_DEVICE_LOST']));
    expect([wrong, lost]).toEqual([0, true]);
    expect(unusable).toBeGreaterThan(0);
  });

  it('runs that program without faults', async () => {
    expect(await run('')).toMatchObject({ codes: [], wrong: 0, lost: false, unusable: 0 });
  });
});
