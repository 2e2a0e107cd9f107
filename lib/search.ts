/** What a search may ask, how the question is checked, and what it answers. */

import type { Dtype, EmbeddingValues } from './dtypes.js';
import { codedError, mustBe } from './errors.js';
import { LARGEST_COUNT, LARGEST_PLACES, LARGEST_THREADS } from './limits.js';
import { type NativeValues, TARGET_KINDS, UNIT_CODES } from './native.js';
import {
  notOneOf,
  optionNames,
  requireBoolean,
  requireInteger,
  requireKnownOptions,
  requireNumber,
} from './options.js';
import {
  categoriesAsInt64,
  nativeValues,
  requireBigInt64,
  requireEmbeddings,
  requireInt32,
  requireLength,
  rowsIn,
  tagOf,
} from './views.js';

/**
 * How behaviours are scored.
 *
 * - `cosine`: cosine of the embeddings, MUSE's general search unit (arXiv 2512.07216, section 4).
 * - `dot`: their inner product, SIM-soft (arXiv 2006.05639).
 * - `category`: 1 for a behaviour of the target's category, SIM-hard (arXiv 2006.05639). Needs
 *   `categories`, no embeddings, and keeps the newest first.
 */
export type SearchUnit = keyof typeof UNIT_CODES;

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
  /** Items never to keep, as rows or as ids of the table. Unknown ones are ignored. Default: none. */
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

/** A checked search, in the words of the binary's contract. */
export interface SearchPlan {
  targetKind: number;
  targets: Int32Array | BigInt64Array | NativeValues | undefined;
  count: number;
  unit: number;
  readonly k: number;
  minScore: number;
  since: number;
  distinct: boolean;
  threads: number;
  categories: BigInt64Array | undefined;
  exclude: Int32Array | BigInt64Array | undefined;
}

/** What a search needs to know of the table under a history. */
export interface SearchedTable {
  readonly dim: number;
  readonly dtype: Dtype;
  readonly hasIds: boolean;
}

const OPTION_NAMES = optionNames('search options', [
  'k',
  'by',
  'categories',
  'minScore',
  'since',
  'exclude',
  'distinct',
  'threads',
  'signal',
]);

const UNITS = Object.keys(UNIT_CODES) as readonly SearchUnit[];

/** Turns a caller's targets and options into the binary's question. Reads every option once. */
export function planSearch(
  table: SearchedTable,
  targets: Targets | undefined,
  options: SearchOptions,
): SearchPlan {
  requireKnownOptions(options, OPTION_NAMES);
  const { k, by, minScore, since, distinct, threads, categories, exclude } = options;
  requireInteger('k', k, 1, LARGEST_COUNT);
  const search: SearchPlan = {
    targetKind: TARGET_KINDS.none,
    targets: undefined,
    count: 0,
    unit: by === undefined ? UNIT_CODES.cosine : unitCode(by),
    k,
    minScore: Number.NEGATIVE_INFINITY,
    since: Number.NEGATIVE_INFINITY,
    distinct: false,
    threads: 0,
    categories: undefined,
    exclude: undefined,
  };
  if (minScore !== undefined) {
    requireNumber('minScore', minScore);
    search.minScore = Math.fround(minScore);
  }
  if (since !== undefined) {
    requireNumber('since', since);
    search.since = since;
  }
  if (distinct !== undefined) {
    requireBoolean('distinct', distinct);
    search.distinct = distinct;
  }
  if (threads !== undefined) {
    requireInteger('threads', threads, 1, LARGEST_THREADS);
    search.threads = threads;
  }
  if (exclude !== undefined) search.exclude = checkedExclude(table, exclude);
  if (search.unit === UNIT_CODES.category) {
    setCategoryTargets(table, search, targets, categories);
  } else {
    if (categories !== undefined) {
      throw codedError('ERR_KLEIO_ARGUMENT', "categories needs by: 'category'");
    }
    setTargets(table, search, targets);
  }
  return search;
}

/** Room for the answers, whose size is checked here. */
export function keptFor(count: number, k: number): Kept {
  const places = count * k;
  if (places > LARGEST_PLACES) {
    throw codedError(
      'ERR_KLEIO_RANGE',
      `targets times k must be at most ${LARGEST_PLACES}; got ${count} * ${k} = ${places}`,
    );
  }
  try {
    return { count, k, positions: new Int32Array(places), scores: new Float32Array(places) };
  } catch (cause) {
    const message = `no memory for the results, ${places * 8} bytes`;
    throw codedError('ERR_KLEIO_OUT_OF_MEMORY', message, { cause });
  }
}

function unitCode(by: SearchUnit): number {
  switch (by) {
    case 'cosine':
      return UNIT_CODES.cosine;
    case 'dot':
      return UNIT_CODES.dot;
    case 'category':
      return UNIT_CODES.category;
    default:
      throw notOneOf('by', by, UNITS);
  }
}

function setTargets(table: SearchedTable, search: SearchPlan, targets: Targets | undefined): void {
  switch (tagOf(targets)) {
    case undefined:
      throw mustBe(
        'ERR_KLEIO_ARGUMENT',
        'targets',
        `rows (Int32Array), ids (BigInt64Array) or embeddings (${table.dtype})`,
        targets,
      );
    case 'Int32Array':
      requireInt32('targets', targets);
      search.targetKind = TARGET_KINDS.rows;
      search.count = targets.length;
      search.targets = targets;
      break;
    case 'BigInt64Array':
      requireBigInt64('targets', targets);
      requireIds('targets', table);
      search.targetKind = TARGET_KINDS.ids;
      search.count = targets.length;
      search.targets = targets;
      break;
    default: {
      const embeddings = targets as EmbeddingValues;
      requireEmbeddings('targets', embeddings, table.dtype);
      search.targetKind = TARGET_KINDS.embeddings;
      search.count = rowsIn('targets', embeddings.length, table.dim);
      search.targets = nativeValues(embeddings);
    }
  }
}

/** Targets say nothing that categories do not; given beside them they must agree in number. */
function setCategoryTargets(
  table: SearchedTable,
  search: SearchPlan,
  targets: Targets | undefined,
  categories: BigInt64Array | Int32Array | undefined,
): void {
  if (categories === undefined) {
    throw codedError('ERR_KLEIO_ARGUMENT', "by: 'category' needs categories, one for each target");
  }
  search.categories = categoriesAsInt64('categories', categories);
  search.count = search.categories.length;
  if (targets === undefined || targets === null) return;
  const given: SearchPlan = { ...search };
  setTargets(table, given, targets);
  requireLength('categories', search.count, given.count, 'target');
}

function checkedExclude(
  table: SearchedTable,
  exclude: Int32Array | BigInt64Array,
): Int32Array | BigInt64Array {
  switch (tagOf(exclude)) {
    case 'Int32Array':
      requireInt32('exclude', exclude);
      return exclude;
    case 'BigInt64Array':
      requireBigInt64('exclude', exclude);
      requireIds('exclude', table);
      return exclude;
    default:
      throw mustBe(
        'ERR_KLEIO_ARGUMENT',
        'exclude',
        'rows (Int32Array) or ids (BigInt64Array)',
        exclude,
      );
  }
}

/** Ids mean nothing to a table that has none. */
export function requireIds(name: string, table: SearchedTable): void {
  if (table.hasIds) return;
  throw codedError('ERR_KLEIO_ARGUMENT', `${name} are ids, but the table has none: give rows`);
}
