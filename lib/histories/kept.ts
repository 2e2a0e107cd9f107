/** What a search answers. */

import { codedError } from '../support/errors.js';
import { type BehaviourField, type ColumnsOf, columnsFor, NO_FIELDS } from './behaviour-fields.js';
import { float32Results, int32Results } from './result-arrays.js';

/** Targets times k: two results of this many places take 2 GiB; what asks for more is a mistake. */
const MAX_PLACES = 2 ** 28;

/** Where the behaviours that were kept are, best first; empty places hold position −1 and score −Infinity. */
export interface KeptPlaces {
  /** Number of targets. */
  readonly count: number;
  readonly k: number;
  /** The sequence number of position 0: a behaviour's is `first` plus its position. */
  readonly first: number;
  /**
   * `[count, k]`, row-major: positions in the history as of the search, 0 = the oldest behaviour present then.
   * A behaviour that was removed leaves its position unused.
   */
  readonly positions: Int32Array;
  /** `[count, k]`, row-major. */
  readonly scores: Float32Array;
}

/** What was kept, with the columns that `fields` asked for, each `[count, k]`, row-major. */
export type Kept<Field extends BehaviourField = never> = KeptPlaces & ColumnsOf<Field>;

/** What a search asks for, as far as the room for its answer goes. */
export interface KeptShape {
  readonly count: number;
  readonly k: number;
  readonly fields: readonly BehaviourField[];
}

/** Room for the answers, whose size is checked here. */
export function keptFor(
  { count, k, fields }: KeptShape,
  first: number,
): KeptPlaces & Partial<ColumnsOf<BehaviourField>> {
  const places = count * k;
  if (places > MAX_PLACES) {
    throw codedError(
      'ERR_KLEIO_RANGE',
      `targets times k must be at most ${MAX_PLACES}; got ${count} * ${k} = ${places}`,
    );
  }
  const positions = int32Results(places);
  const scores = float32Results(places);
  const kept = { count, k, first, positions, scores };
  return fields === NO_FIELDS ? kept : { ...kept, ...columnsFor(fields, places) };
}
