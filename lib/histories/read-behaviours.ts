/** A history's behaviours, read back as columns. */

import type { NativeHistory } from '../binding/contract/native-history.js';
import { reading } from '../support/errors.js';
import { MAX_COUNT } from '../support/limits.js';
import { knownOptions, optionNames, requireInteger } from '../support/options.js';
import {
  type BehaviourColumns,
  type BehaviourField,
  type ColumnsOf,
  checkedFields,
  columnsFor,
  nativeFieldsOf,
} from './behaviour-fields.js';

export interface ReadOptions<Field extends BehaviourField = never> {
  /** Sequence number to begin with. Default: the oldest behaviour. */
  readonly from?: number | undefined;
  /** Most behaviours to read. Default: all that follow. */
  readonly count?: number | undefined;
  /** Columns to read. Default: the sequence numbers alone. */
  readonly fields?: readonly Field[] | undefined;
}

/** Behaviours, oldest to newest; their numbers ascend, with gaps where behaviours were removed. */
export type ReadBehaviours<Field extends BehaviourField = never> = {
  readonly count: number;
  readonly sequences: Float64Array;
} & ColumnsOf<Field>;

const READ_OPTIONS = optionNames('read options', ['from', 'count', 'fields']);

export function readBehaviours(
  native: NativeHistory,
  options: ReadOptions<BehaviourField>,
): ReadBehaviours & Partial<BehaviourColumns> {
  const { from, count, fields } = reading(READ_OPTIONS.what, () => {
    const { from = 0, count = MAX_COUNT, fields } = knownOptions(options, READ_OPTIONS);
    return { from, count, fields: withSequences(checkedFields(fields)) };
  });
  requireInteger('from', from, 0, Number.MAX_SAFE_INTEGER);
  requireInteger('count', count, 0, MAX_COUNT);
  const first = Math.max(from, native.firstSequence);
  const most = Math.min(count, native.length, Math.max(native.nextSequence - first, 0));
  const columns = columnsFor(fields, most);
  const read = native.read(first, nativeFieldsOf(fields, columns)!, most);
  if (read === most) return { count: read, ...columns };
  return { count: read, ...shortened(columns, read) };
}

const withSequences = (fields: readonly BehaviourField[]): readonly BehaviourField[] =>
  fields.includes('sequences') ? fields : [...fields, 'sequences'];

/** Copies: a shorter view would keep the memory of the whole. */
function shortened<Columns extends Partial<BehaviourColumns>>(
  columns: Columns,
  length: number,
): Columns {
  const cut = Object.entries(columns).map(([name, column]) => [name, column.slice(0, length)]);
  return Object.fromEntries(cut) as Columns;
}
