/** The machine's own limits, for the package's benchmark; not part of the public API. */

import { binding } from './binary.js';
import { PEAK_CODES } from './native.js';

export interface PeakQuestion {
  /** `int8` and `float32`: operations per second, two a multiply-add. `read`: bytes per second. */
  readonly of: keyof typeof PEAK_CODES;
  readonly threads: number;
  /** Memory that is read again and again by all threads together, for `read`. */
  readonly bytes?: number;
  readonly milliseconds: number;
}

/** Blocks for that many milliseconds. 0 where this processor has no such loop. */
export function machinePeak({ of, threads, bytes = 0, milliseconds }: PeakQuestion): number {
  return binding().measurePeak(PEAK_CODES[of], threads, bytes, milliseconds);
}
