/** `kleio bench` on a device: the floor is the device's own, of the codes that its kernels read. */
import { expect, it } from 'vitest';
import { kleio } from '../cases/command-line.js';
import { testDevice } from '../cases/device.js';

interface Benched {
  readonly peaks: readonly { of: string; device: string; perSecond: number }[];
  readonly measurements: readonly {
    point: { device: string };
    work: Record<string, number>;
    floor: { ms: number; bound: string };
    overFloor: number;
  }[];
}

it.each([
  ['int8', 1, 'int8'],
  ['float32', 2, 'float16'],
  ['float8', 2, 'float16'],
] as const)('%s tables: codes of %d bytes, %s operations', async (dtype, bytes, operations) => {
  const shape = ['--targets', '3', '--length', '700', '--dim', '128', '--k', '5'];
  const { code, stdout } = await kleio(
    ...['bench', 'search', '--device', testDevice, '--dtype', dtype, ...shape],
    ...['--seconds', '0.1', '--json'],
  );
  expect(code).toBe(0);
  const { peaks, measurements } = JSON.parse(stdout) as Benched;
  expect(peaks.map(({ of }) => of).sort()).toEqual([operations, 'read'].sort());
  for (const peak of peaks) {
    expect(peak.device).toBe(testDevice);
    expect(peak.perSecond).toBeGreaterThan(0);
  }
  const [measured] = measurements;
  expect(measured?.point.device).toBe(testDevice);
  expect(measured?.work).toEqual({
    bytes: 700 * 128 * bytes,
    [operations]: 2 * 3 * 700 * 128,
  });
  expect(measured?.floor.ms).toBeGreaterThan(0);
  expect(measured?.overFloor).toBeGreaterThan(0);
});
