/** What a search answers. */

import { codedError } from '../support/errors.js';
import { float32Results, int32Results } from './result-arrays.js';

/** Targets times k: two results of this many places take 2 GiB; what asks for more is a mistake. */
const MAX_PLACES = 2 ** 28;

/** What was kept, best first; empty places hold position −1 and score −Infinity. */
export interface Kept {
  /** Number of targets. */
  readonly count: number;
  readonly k: number;
  /** `[count, k]`, row-major: positions in the history, 0 = the oldest behaviour present. */
  readonly positions: Int32Array;
  /** `[count, k]`, row-major. */
  readonly scores: Float32Array;
}

/** Room for the answers, whose size is checked here. */
export function keptFor(count: number, k: number): Kept {
  const places = count * k;
  if (places > MAX_PLACES) {
    throw codedError(
      'ERR_KLEIO_RANGE',
      `targets times k must be at most ${MAX_PLACES}; got ${count} * ${k} = ${places}`,
    );
  }
  return { count, k, positions: int32Results(places), scores: float32Results(places) };
}
