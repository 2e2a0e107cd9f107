/** A device that fails: an error with a code, and everything else goes on. */
import { expect, it } from 'vitest';
import { isSoftwareDevice, SOFTWARE_DEVICE } from '../cases/device.js';
import { times } from '../cases/extent.js';
import { runProgram } from '../cases/programs.js';
import { describeWhere } from '../cases/waiting.js';

interface Outcome {
  readonly codes: readonly string[];
  readonly wrong: number;
  readonly lost: boolean;
  readonly unusable: number;
}

const run = (faults: string, steps = '3') =>
  runProgram<Outcome>('device-faults.mjs', {
    env: { KLEIO_SOFTWARE_DEVICE: faults, KLEIO_TEST_STEPS: steps },
  });

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
