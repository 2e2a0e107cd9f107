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

/** In the modest extent every `step`-th, from one that the seed chooses. */
const some = (step: number): { first?: number; step?: number } =>
  exhaustive ? {} : { first: 1 + (Number(process.env.KLEIO_SEED) % step), step };

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
    const { first = 1, step = 1 } = some(4);
    let failed = 0;
    for (let n = first; ; n += step, ++failed) {
      const { codes, wrong, lost } = await run(`fail_allocation=${n},failing_allocations=8`);
      if (codes.length === 0) break;
      expect(codes.every((code) => code === 'ERR_KLEIO_OUT_OF_MEMORY')).toBe(true);
      expect([n, wrong, lost]).toEqual([n, 0, false]);
    }
    expect(failed * step).toBeGreaterThanOrEqual(20 - step);
  });

  // The second and third piece of a column go up while the first is on its way.
  it('survives that any allocation of pinned memory fails, halfway through a send too', async () => {
    expect(await meetAll('fail_pinned', 'ERR_KLEIO_OUT_OF_MEMORY')).toBeGreaterThanOrEqual(6);
  });

  it('goes on after any copy or launch was refused', async () => {
    const of = some(7);
    const met = await meetAll('refuse', 'ERR_KLEIO_DEVICE', of);
    expect(met * (of.step ?? 1)).toBeGreaterThanOrEqual(40);
  });

  it('goes on after a column was refused halfway', async () => {
    const of = { ...some(4), last: 14, length: '300000' };
    const met = await meetAll('refuse', 'ERR_KLEIO_DEVICE', of);
    expect(met).toBeGreaterThanOrEqual(exhaustive ? 14 : 3);
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
