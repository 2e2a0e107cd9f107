/** Where the tests of results run: `KLEIO_TEST_DEVICE`, by default the CPU. The same promises hold everywhere. */
import type { Device } from 'kleio';

export const testDevice = (process.env.KLEIO_TEST_DEVICE ?? 'cpu') as Device;

/** So many random cases on the CPU; a device executed in software takes some milliseconds for each thread. */
export const casesOnDevice = (onCpu: number): number =>
  testDevice === 'cpu' ? onCpu : Math.ceil(onCpu / 5);
