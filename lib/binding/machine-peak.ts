/** The machine's own limits, for the package's benchmark; not part of the public API. */

import { binding } from './binary.js';
import { PEAK_CODES } from './contract/codes.js';
import { type Device, deviceIndex } from './devices.js';

export interface PeakQuestion {
  /** `int8`, `float32`, `float16`: operations per second, two a multiply-add. `read`: bytes per second. */
  readonly of: keyof typeof PEAK_CODES;
  /** A GPU is measured whole. */
  readonly threads: number;
  /** Memory that is read again and again by all threads together, for `read`. */
  readonly bytes?: number;
  readonly milliseconds: number;
  readonly device: string;
}

/** Blocks for that many milliseconds. 0 where this device has no such loop. */
export function machinePeak(question: PeakQuestion): number {
  const { of, threads, bytes = 0, milliseconds, device } = question;
  const index = deviceIndex(device as Device);
  return binding().measurePeak(PEAK_CODES[of], threads, bytes, milliseconds, index);
}
