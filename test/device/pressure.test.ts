/** More histories than their share of the device holds: idle ones leave it and come back. */
import { expect, it } from 'vitest';
import { isSoftwareDevice, SOFTWARE_DEVICE } from '../cases/device.js';
import { runProgram } from '../cases/programs.js';
import { itWhere } from '../cases/waiting.js';

interface Outcome {
  readonly wrong: number;
  readonly usage: Readonly<Record<string, number>>;
}

it('keeps the budget, and answers as if there were none', async () => {
  const env = { KLEIO_DEVICE_HISTORY_MIB: '1' };
  const { wrong, usage } = await runProgram<Outcome>('device-users.mjs', { env });
  expect(wrong).toBe(0);
  expect(usage.historyBudgetBytes).toBe(2 ** 20);
  expect(usage.historyBytes).toBeLessThanOrEqual(2 ** 20);
  expect(usage.historiesEvicted).toBeGreaterThan(0);
  expect(usage.histories).toBeGreaterThan(0);
});

itWhere(isSoftwareDevice(), SOFTWARE_DEVICE)(
  'divides what needs more workspace than there is',
  async () => {
    const env = { KLEIO_SOFTWARE_DEVICE: 'memory_mib=16' };
    expect(await runProgram('device-divided.mjs', { env })).toEqual({ same: true, cpuSearches: 0 });
  },
);

itWhere(isSoftwareDevice(), SOFTWARE_DEVICE)('makes room on a device that is full', async () => {
  const env = { KLEIO_SOFTWARE_DEVICE: 'memory_mib=3' };
  const { wrong, usage } = await runProgram<Outcome>('device-users.mjs', { env });
  expect(wrong).toBe(0);
  expect(usage.historiesEvicted).toBeGreaterThan(0);
});
