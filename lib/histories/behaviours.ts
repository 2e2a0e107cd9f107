/**
 * Behaviours to append, put into the binary's words. Kinds and lengths are checked here; what the arrays
 * hold, where the binary has copied it.
 */

import type { NativeBehaviours } from '../binding/contract/native-history.js';
import { mustBe, reading } from '../support/errors.js';
import { knownOptions, optionNames } from '../support/options.js';
import { idsAsInt64, lengthOf, requireAttached, requireLength, tagOf } from '../tables/views.js';
import { requireIds, type SearchedTable } from './search-plan.js';

export interface AppendOptions {
  /** Category of each behaviour, for searches `by: 'category'`. */
  readonly categories?: BigInt64Array | Int32Array | undefined;
  /** Time of each behaviour in any unit, finite, for `since` and `until`. */
  readonly times?: Float64Array | undefined;
}

/**
 * Behaviours to append: rows or ids of the table. One id alone may be a bigint; a number alone is refused, since
 * `append(2)` and `append(2n)` would be different items.
 */
export type Behaviours = Int32Array | BigInt64Array | bigint;

const APPEND_OPTIONS = optionNames('append options', ['categories', 'times']);

/** What an append with options brings. */
export function appendedWith(
  table: SearchedTable,
  behaviours: Behaviours,
  options: AppendOptions,
): NativeBehaviours {
  return reading(APPEND_OPTIONS.what, () => {
    const { categories, times } = knownOptions(options, APPEND_OPTIONS);
    return nativeBehaviours(table, behaviours, categories, times);
  });
}

export function nativeBehaviours(
  table: SearchedTable,
  behaviours: Behaviours,
  categories: AppendOptions['categories'],
  times: AppendOptions['times'],
): NativeBehaviours {
  const appended = appendedBehaviours(behaviours);
  if (tagOf(appended) === 'BigInt64Array') requireIds('behaviours', table);
  return [
    appended,
    categories === undefined ? undefined : appendedCategories(categories, lengthOf(appended)),
    times === undefined ? undefined : appendedTimes(times, lengthOf(appended)),
  ];
}

function appendedBehaviours(behaviours: Behaviours): Int32Array | BigInt64Array {
  if (typeof behaviours === 'bigint') return BigInt64Array.of(checkedId(behaviours));
  const tag = tagOf(behaviours);
  if (tag !== 'Int32Array' && tag !== 'BigInt64Array') {
    throw mustBe(
      'ERR_KLEIO_ARGUMENT',
      'behaviours',
      'rows (Int32Array) or ids (BigInt64Array, or one bigint)',
      behaviours,
    );
  }
  requireAttached('behaviours', behaviours);
  return behaviours;
}

function checkedId(id: bigint): bigint {
  if (BigInt.asIntN(64, id) === id) return id;
  throw mustBe('ERR_KLEIO_RANGE', 'behaviours', 'an id of 64 bits', id);
}

function appendedCategories(
  categories: BigInt64Array | Int32Array,
  behaviours: number,
): BigInt64Array {
  const widened = idsAsInt64('categories', categories);
  requireLength('categories', lengthOf(widened), behaviours, 'behaviour');
  return widened;
}

function appendedTimes(times: Float64Array, behaviours: number): Float64Array {
  if (tagOf(times) !== 'Float64Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'times', 'a Float64Array', times);
  }
  requireAttached('times', times);
  requireLength('times', lengthOf(times), behaviours, 'behaviour');
  return times;
}
