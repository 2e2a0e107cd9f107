/** The device that a run of the suite tests: the CPU, unless KLEIO_TEST_DEVICE names another. */
import type { Device } from 'kleio';

export const TESTED_DEVICE = (process.env.KLEIO_TEST_DEVICE ?? 'cpu') as Device;
