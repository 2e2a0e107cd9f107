/** What a search may ask. */

import type { EmbeddingValues } from '../tables/dtypes.js';
import type { BehaviourField } from './behaviour-fields.js';
import type { SearchUnit } from './search-units.js';

export type { SearchUnit } from './search-units.js';

/**
 * Targets of a search: rows of the history's table, ids of it, or embeddings of the table's dtype,
 * `count * dim` elements. A row of −1, an unknown id and a zero embedding keep nothing.
 */
export type Targets = Int32Array | BigInt64Array | EmbeddingValues;

/** Which behaviours count. */
export interface EligibleOptions {
  /** Behaviours of at least this time, in the unit of the history's times. Default: all. */
  readonly since?: number | undefined;
  /** Behaviours of at most this time, whatever came later: a replay sees what was known then. Default: all. */
  readonly until?: number | undefined;
  /** Items that do not count, as rows or as ids of the table; unknown ones of the history too. Default: none. */
  readonly exclude?: Int32Array | BigInt64Array | undefined;
}

export interface SearchOptions<
  Field extends BehaviourField = never,
  Extendable extends boolean = false,
> extends EligibleOptions {
  /** How many behaviours to keep for each target, at least 1. May exceed the history's length. */
  readonly k: number;
  /** Default `'cosine'`. */
  readonly by?: SearchUnit | undefined;
  /** Category of each target; for `by: 'category'` only, and there required. */
  readonly categories?: BigInt64Array | Int32Array | undefined;
  /** Keep scores of at least this (as the nearest float32). Default: no bound. */
  readonly minScore?: number | undefined;
  /**
   * What to tell of every behaviour kept, as of the moment of the search, whatever is appended meanwhile: one
   * array of `count * k` each. Default: nothing beside positions and scores.
   */
  readonly fields?: readonly Field[] | undefined;
  /** Keep each item at most once, at its newest position. Default `false`. */
  readonly distinct?: boolean | undefined;
  /**
   * Whether the answer can be asked for again: `kept.extend()` is the same search of the history as it is then, and
   * reads only what was appended since. Targets and answer are kept for it. Default `false`.
   */
  readonly extendable?: Extendable | undefined;
  /** Most threads that may work on this search. Default: all of the pool. */
  readonly threads?: number | undefined;
  /**
   * Stops the search: its promise rejects with the signal's reason. `searchSync` looks at it once,
   * before it starts.
   */
  readonly signal?: AbortSignal | undefined;
}
