/** Checks what a caller asks and puts it into the words of the binary's contract. */

import { TARGET_KINDS } from '../binding/contract/codes.js';
import type { NativeValues } from '../binding/contract/native-table.js';
import { type CallersSignal, signalOf } from '../support/abort.js';
import { codedError, mustBe, reading } from '../support/errors.js';
import { MAX_COUNT, MAX_THREADS } from '../support/limits.js';
import {
  knownOptions,
  optionNames,
  requireBoolean,
  requireChoice,
  requireInteger,
  requireNumber,
} from '../support/options.js';
import { DTYPE_OF_CODE, type Dtype, type EmbeddingValues } from '../tables/dtypes.js';
import {
  idsAsInt64,
  lengthOf,
  nativeValues,
  requireBigInt64,
  requireEmbeddings,
  requireInt32,
  requireLength,
  rowsIn,
  tagOf,
} from '../tables/views.js';
import { type BehaviourField, checkedFields } from './behaviour-fields.js';
import type { EligibleOptions, SearchOptions, SearchUnit, Targets } from './search.js';
import { SEARCH_UNITS, type SearchUnitTraits } from './search-units.js';

/** A checked search, in the words of the binary's contract. */
export interface SearchPlan {
  targetKind: number;
  targets: Int32Array | BigInt64Array | NativeValues | undefined;
  count: number;
  readonly unit: number;
  readonly k: number;
  readonly minScore: number;
  readonly since: number;
  readonly until: number;
  readonly distinct: boolean;
  readonly threads: number;
  categories: BigInt64Array | undefined;
  readonly exclude: Int32Array | BigInt64Array | undefined;
  readonly fields: readonly BehaviourField[];
  readonly signal: CallersSignal | undefined;
}

/** What a search needs to know of the table under a history. */
export interface SearchedTable {
  readonly dim: number;
  readonly dtype: Dtype;
  readonly hasIds: boolean;
}

let described: SearchedTable | undefined;

/** What a native table or ranker says of its embeddings: histories in a row are mostly over the same one, and share it. */
export function searchedTable(
  native: { readonly dim: number; readonly dtype: number },
  hasIds: boolean,
): SearchedTable {
  const { dim } = native;
  const dtype = DTYPE_OF_CODE[native.dtype]!;
  if (described?.dim !== dim || described.dtype !== dtype || described.hasIds !== hasIds) {
    described = { dim, dtype, hasIds };
  }
  return described;
}

const OPTION_NAMES = optionNames('search options', [
  'k',
  'by',
  'categories',
  'minScore',
  'since',
  'until',
  'exclude',
  'fields',
  'distinct',
  'threads',
  'signal',
]);

/** Turns a caller's targets and options into the binary's question. Reads every option once. */
export function planSearch(
  table: SearchedTable,
  targets: Targets | undefined,
  options: SearchOptions<BehaviourField>,
): SearchPlan {
  return reading(OPTION_NAMES.what, () => plannedSearch(table, targets, options));
}

function plannedSearch(
  table: SearchedTable,
  targets: Targets | undefined,
  options: SearchOptions<BehaviourField>,
): SearchPlan {
  const known = knownOptions(options, OPTION_NAMES);
  const { k, by, minScore, distinct, threads, categories, fields, signal } = known;
  requireInteger('k', k, 1, MAX_COUNT);
  if (distinct !== undefined) requireBoolean('distinct', distinct);
  if (threads !== undefined) requireInteger('threads', threads, 1, MAX_THREADS);
  const unit: SearchUnitTraits = by === undefined ? SEARCH_UNITS.cosine : unitOf(by);
  const plan: SearchPlan = {
    targetKind: TARGET_KINDS.none,
    targets: undefined,
    count: 0,
    unit: unit.code,
    k,
    minScore: bound('minScore', minScore, Number.NEGATIVE_INFINITY),
    distinct: distinct ?? false,
    threads: threads ?? 0,
    categories: undefined,
    ...eligibleBy(table, known),
    fields: checkedFields(fields),
    signal: signalOf(signal),
  };
  if (unit.byCategories) {
    setCategoryTargets(table, plan, targets, categories);
  } else if (categories === undefined) {
    setTargets(table, plan, targets);
  } else {
    throw codedError('ERR_KLEIO_ARGUMENT', "categories needs by: 'category'");
  }
  return plan;
}

/** Which behaviours count, by time and item. */
export function eligibleBy(
  table: SearchedTable,
  { since, until, exclude }: EligibleOptions,
): Pick<SearchPlan, 'since' | 'until' | 'exclude'> {
  return {
    since: bound('since', since, Number.NEGATIVE_INFINITY),
    until: bound('until', until, Number.POSITIVE_INFINITY),
    exclude: exclude === undefined ? undefined : checkedItems('exclude', table, exclude),
  };
}

function bound(name: string, value: number | undefined, none: number): number {
  if (value === undefined) return none;
  requireNumber(name, value);
  return value;
}

function unitOf(by: SearchUnit): SearchUnitTraits {
  requireChoice('by', by, SEARCH_UNITS);
  return SEARCH_UNITS[by];
}

function setTargets(table: SearchedTable, plan: SearchPlan, targets: Targets | undefined): void {
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
      plan.targetKind = TARGET_KINDS.rows;
      plan.count = lengthOf(targets);
      plan.targets = targets;
      break;
    case 'BigInt64Array':
      requireBigInt64('targets', targets);
      requireIds('targets', table);
      plan.targetKind = TARGET_KINDS.ids;
      plan.count = lengthOf(targets);
      plan.targets = targets;
      break;
    default: {
      const embeddings = targets as EmbeddingValues;
      requireEmbeddings('targets', embeddings, table.dtype);
      plan.targetKind = TARGET_KINDS.embeddings;
      plan.count = rowsIn('targets', lengthOf(embeddings), table.dim);
      plan.targets = nativeValues(embeddings);
    }
  }
}

/** Targets say nothing that categories do not; given beside them they must agree in number. */
function setCategoryTargets(
  table: SearchedTable,
  plan: SearchPlan,
  targets: Targets | undefined,
  categories: BigInt64Array | Int32Array | undefined,
): void {
  if (categories === undefined) {
    throw codedError('ERR_KLEIO_ARGUMENT', "by: 'category' needs categories, one for each target");
  }
  plan.categories = idsAsInt64('categories', categories);
  plan.count = lengthOf(plan.categories);
  if (targets === undefined || targets === null) return;
  const given: SearchPlan = { ...plan };
  setTargets(table, given, targets);
  requireLength('categories', plan.count, given.count, 'target');
}

/** Items of a table, by rows or ids. */
export function checkedItems(
  name: string,
  table: SearchedTable,
  items: Int32Array | BigInt64Array,
): Int32Array | BigInt64Array {
  switch (tagOf(items)) {
    case 'Int32Array':
      requireInt32(name, items);
      return items;
    case 'BigInt64Array':
      requireBigInt64(name, items);
      requireIds(name, table);
      return items;
    default:
      throw mustBe('ERR_KLEIO_ARGUMENT', name, 'rows (Int32Array) or ids (BigInt64Array)', items);
  }
}

/** Ids mean nothing to a table that has none. */
export function requireIds(name: string, table: SearchedTable): void {
  if (table.hasIds) return;
  throw codedError('ERR_KLEIO_ARGUMENT', `${name} are ids, but the table has none: give rows`);
}
