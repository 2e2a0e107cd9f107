/** Where the tests of results run: `KLEIO_TEST_DEVICE`, by default the CPU. The same promises hold everywhere. */
import { type Device, devices } from 'kleio';

export const testDevice = (process.env.KLEIO_TEST_DEVICE ?? 'cpu') as Device;

/** Whether the tested device is one that can be told to fail. */
export const isSoftwareDevice = (): boolean =>
  devices().some(
    (device) =>
      device.name === testDevice && 'model' in device && device.model === 'software device',
  );

/** What a test waits for that only such a device can be put through. */
export const SOFTWARE_DEVICE = 'a software device: hardware cannot be told to fail';
