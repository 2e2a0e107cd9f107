/** What to remove of a history, checked and put into the binary's words. */

import type { NativeHistory } from '../binding/contract/native-history.js';
import { codedError, mustBe, reading } from '../support/errors.js';
import { knownOptions, optionNames, requireNumber } from '../support/options.js';
import { requireAttached, tagOf } from '../tables/views.js';
import { checkedItems, type SearchedTable } from './search-plan.js';

/** Which behaviours to remove: one of these. */
export type Removal =
  | {
      /** All behaviours of these items: rows or ids of the table, ids that it does not know included. */
      readonly items: Int32Array | BigInt64Array;
      readonly sequences?: undefined;
      readonly before?: undefined;
    }
  | {
      /** Those of these sequence numbers. */
      readonly sequences: Float64Array;
      readonly items?: undefined;
      readonly before?: undefined;
    }
  | {
      /** All of a time below this one. */
      readonly before: number;
      readonly items?: undefined;
      readonly sequences?: undefined;
    };

const REMOVAL = optionNames('removals', ['items', 'sequences', 'before']);

export function removeBehaviours(
  native: NativeHistory,
  table: SearchedTable,
  what: Removal,
): number {
  const { items, sequences, before } = reading(REMOVAL.what, () => {
    const { items, sequences, before } = knownOptions(what, REMOVAL);
    return { items, sequences, before };
  });
  const given = [items, sequences, before].filter((value) => value !== undefined).length;
  if (given !== 1) {
    throw codedError(
      'ERR_KLEIO_ARGUMENT',
      `a removal must have exactly one of items, sequences and before; got ${given}`,
    );
  }
  if (items !== undefined) return native.removeItems(checkedItems('items', table, items));
  if (sequences !== undefined) return native.removeSequences(checkedSequences(sequences));
  requireNumber('before', before!);
  return native.removeBefore(before!);
}

function checkedSequences(sequences: Float64Array): Float64Array {
  if (tagOf(sequences) !== 'Float64Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'sequences', 'a Float64Array', sequences);
  }
  requireAttached('sequences', sequences);
  return sequences;
}
