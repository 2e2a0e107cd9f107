/** What a search may ask. */

import type { EmbeddingValues } from '../tables/dtypes.js';
import type { SearchUnit } from './search-units.js';

export type { SearchUnit } from './search-units.js';

/**
 * Targets of a search: rows of the history's table, ids of it, or embeddings of the table's dtype,
 * `count * dim` elements. A row of −1, an unknown id and a zero embedding keep nothing.
 */
export type Targets = Int32Array | BigInt64Array | EmbeddingValues;

export interface SearchOptions {
  /** How many behaviours to keep for each target, at least 1. May exceed the history's length. */
  readonly k: number;
  /** Default `'cosine'`. */
  readonly by?: SearchUnit | undefined;
  /** Category of each target; for `by: 'category'` only, and there required. */
  readonly categories?: BigInt64Array | Int32Array | undefined;
  /** Keep scores of at least this (as the nearest float32). Default: no bound. */
  readonly minScore?: number | undefined;
  /** Keep behaviours of at least this time, in the unit of the history's times. Default: all. */
  readonly since?: number | undefined;
  /** Items never to keep, as rows or as ids of the table; unknown ids are ignored. Default: none. */
  readonly exclude?: Int32Array | BigInt64Array | undefined;
  /** Keep each item at most once, at its newest position. Default `false`. */
  readonly distinct?: boolean | undefined;
  /** Most threads that may work on this search. Default: all of the pool. */
  readonly threads?: number | undefined;
  /**
   * Stops the search: its promise rejects with the signal's reason. `searchSync` looks at it once,
   * before it starts.
   */
  readonly signal?: AbortSignal | undefined;
}
