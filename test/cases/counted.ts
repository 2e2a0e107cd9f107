/** What the tested device has counted so far. */
import { type DeviceUsage, devices } from 'kleio';
import { testDevice } from './device.js';

export function usage(): DeviceUsage {
  const counted = devices().find(({ name }) => name === testDevice);
  if (counted === undefined || !('usage' in counted) || counted.usage === undefined) {
    throw new Error(`nothing has been put on ${testDevice} yet`);
  }
  return counted.usage;
}
