/** What can be told of behaviours beside their places: the columns that searches, rankings and `read` give. */

import type { NativeFields } from '../binding/contract/native-history.js';
import { mustBe } from '../support/errors.js';
import { requireChoice } from '../support/options.js';
import { bigInt64Results, float64Results, int32Results } from './result-arrays.js';

/** The columns, one value for each behaviour. */
export interface BehaviourColumns {
  /** Row of the item in the history's table; −1 for a behaviour without embedding and in empty places. */
  readonly rows: Int32Array;
  /** Id of the item, of an unknown one too; 0 where the behaviour was appended as row −1 and in empty places. */
  readonly ids: BigInt64Array;
  /** NaN in empty places. */
  readonly times: Float64Array;
  /** 0 in empty places. */
  readonly categories: BigInt64Array;
  /** Sequence numbers; −1 in empty places. */
  readonly sequences: Float64Array;
}

/** The name of a column. */
export type BehaviourField = keyof BehaviourColumns;

/** The columns that were asked for, typed as present. */
export type ColumnsOf<Field extends BehaviourField> = {
  readonly [Name in Field]: BehaviourColumns[Name];
};

/** The names that one question of many asks for. */
export type FieldsOf<Question> = Question extends {
  readonly fields: readonly (infer Field extends BehaviourField)[];
}
  ? Field
  : never;

const COLUMNS = {
  rows: int32Results,
  ids: bigInt64Results,
  times: float64Results,
  categories: bigInt64Results,
  sequences: float64Results,
} as const satisfies {
  readonly [Name in BehaviourField]: (length: number) => BehaviourColumns[Name];
};

export const NO_FIELDS: readonly BehaviourField[] = [];

/** The option, read and checked. */
export function checkedFields(
  fields: readonly BehaviourField[] | undefined,
): readonly BehaviourField[] {
  if (fields === undefined) return NO_FIELDS;
  if (!Array.isArray(fields)) {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'fields', 'an array of names of columns', fields);
  }
  const names: BehaviourField[] = [];
  for (let index = 0; index < fields.length; ++index) {
    const name: unknown = fields[index];
    requireChoice(`fields[${index}]`, name, COLUMNS);
    if (!names.includes(name)) names.push(name);
  }
  return names;
}

/** Room for what is told of `length` behaviours. */
export function columnsFor<Field extends BehaviourField>(
  fields: readonly Field[],
  length: number,
): ColumnsOf<Field> {
  const columns: { [Name in BehaviourField]?: BehaviourColumns[BehaviourField] } = {};
  for (const field of fields) columns[field] = COLUMNS[field](length);
  return columns as ColumnsOf<Field>;
}

/** The columns of `fields` as the binary takes them. What other names lead to is nobody's. */
export function nativeFieldsOf(
  fields: readonly BehaviourField[],
  columns: Partial<BehaviourColumns>,
): NativeFields | undefined {
  if (fields === NO_FIELDS) return undefined;
  const column = <Field extends BehaviourField>(field: Field) =>
    fields.includes(field) ? columns[field] : undefined;
  return [
    column('rows'),
    column('ids'),
    column('times'),
    column('categories'),
    column('sequences'),
  ];
}
