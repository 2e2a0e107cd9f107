/** What a column of a parquet file holds, by its schema, and how one value is read. */

import type { Leaf } from './parquet-schema.js';

/**
 * What a reader asks of a column: `id`, one whole number of at most 64 bits a row; `ids`, a list of them;
 * `numbers`, a list of whole numbers, which floats and booleans may be too.
 */
export type ColumnKind = 'id' | 'ids' | 'numbers';

/** One value of a physical type. */
export interface ValueType {
  /** Bytes; 0 for booleans, which are bits. */
  readonly width: number;
  readonly read: (view: DataView, offset: number) => bigint;
}

const PHYSICAL_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
];

/** ConvertedType, by number: of these a value is something else than a whole number. */
const NO_INTEGERS: Readonly<Record<number, string>> = {
  0: 'STRING',
  4: 'ENUM',
  5: 'DECIMAL',
  6: 'DATE',
  7: 'TIME_MILLIS',
  8: 'TIME_MICROS',
  9: 'TIMESTAMP_MILLIS',
  10: 'TIMESTAMP_MICROS',
  19: 'JSON',
  20: 'BSON',
  21: 'INTERVAL',
};

const UINT_32 = 13;

/** LogicalType, by the field that is set; what is not listed is not known to be whole numbers. */
const LOGICAL_TYPES: Readonly<Record<number, string>> = {
  1: 'STRING',
  4: 'ENUM',
  5: 'DECIMAL',
  6: 'DATE',
  7: 'TIME',
  8: 'TIMESTAMP',
  12: 'JSON',
  13: 'BSON',
  14: 'UUID',
  15: 'FLOAT16',
};
const LOGICAL_INTEGER = 10;
/** Of a column that has had nothing but nulls. */
const LOGICAL_UNKNOWN = 11;

const BITS: ValueType = { width: 0, read: () => 0n };
const INT32: ValueType = { width: 4, read: (view, offset) => BigInt(view.getInt32(offset, true)) };
const UINT32: ValueType = {
  width: 4,
  read: (view, offset) => BigInt(view.getUint32(offset, true)),
};
/** Unsigned ones are the same 64 bits. */
const INT64: ValueType = { width: 8, read: (view, offset) => view.getBigInt64(offset, true) };
const FLOAT: ValueType = { width: 4, read: (view, offset) => whole(view.getFloat32(offset, true)) };
const DOUBLE: ValueType = {
  width: 8,
  read: (view, offset) => whole(view.getFloat64(offset, true)),
};

const NOTHING: ValueType = {
  width: INT32.width,
  read: () => {
    throw new Error('has a value, where the schema says that all are null');
  },
};

function whole(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new Error(`must be whole numbers; got ${value}`);
  return BigInt(value);
}

const EXPECTED: Readonly<Record<ColumnKind, string>> = {
  id: 'be a column of integers (INT64 or INT32, signed or not)',
  ids: 'be a column of lists of integers (INT64 or INT32, signed or not)',
  numbers: 'be a column of lists of numbers',
};

/** How the column is read; an error that says what it is if it is not of the kind. */
export function readable(
  name: string,
  leaves: readonly Leaf[],
  kind: ColumnKind,
): { leaf: Leaf; type: ValueType } {
  const [leaf] = leaves;
  if (leaf !== undefined && leaves.length === 1) {
    const type = typeOf(leaf, kind);
    if (type !== undefined) return { leaf, type };
    if (kind !== 'id' && isOfNulls(leaf)) return { leaf: withoutLists(leaf), type: NOTHING };
  }
  throw new Error(`column ${name} must ${EXPECTED[kind]}; got ${described(leaves)}`);
}

function typeOf(leaf: Leaf, kind: ColumnKind): ValueType | undefined {
  const isList = leaf.maxRepetition === 1;
  const isPlain = leaf.maxRepetition === 0 && leaf.path.length === 1;
  if (kind === 'id' ? !isPlain : !isList) return undefined;
  if (otherThanIntegers(leaf) !== undefined) return undefined;
  const isUnsigned = leaf.element.converted === UINT_32 || leaf.element.isUnsigned;
  switch (PHYSICAL_TYPES[leaf.element.type ?? -1]) {
    case 'INT32':
      return isUnsigned ? UINT32 : INT32;
    case 'INT64':
      return INT64;
    case 'FLOAT':
      return kind === 'numbers' ? FLOAT : undefined;
    case 'DOUBLE':
      return kind === 'numbers' ? DOUBLE : undefined;
    case 'BOOLEAN':
      return kind === 'numbers' ? BITS : undefined;
    default:
      return undefined;
  }
}

/** pandas and Polars write so what they would write as lists, had there been one. */
const isOfNulls = ({ element, path, maxRepetition }: Leaf): boolean =>
  element.logical === LOGICAL_UNKNOWN && path.length === 1 && maxRepetition === 0;

/** Every row of it is a list that is not there. */
const withoutLists = (leaf: Leaf): Leaf => ({ ...leaf, entryDefinition: leaf.maxDefinition });

function otherThanIntegers({ element: { logical, converted } }: Leaf): string | undefined {
  if (logical === LOGICAL_INTEGER || logical === LOGICAL_UNKNOWN) return undefined;
  if (logical !== undefined) return LOGICAL_TYPES[logical] ?? `logical type ${logical}`;
  return NO_INTEGERS[converted ?? -1];
}

function described(leaves: readonly Leaf[]): string {
  const [leaf] = leaves;
  if (leaf === undefined || leaves.length > 1) return `a group of ${leaves.length} columns`;
  const physical = PHYSICAL_TYPES[leaf.element.type ?? -1] ?? `type ${leaf.element.type}`;
  const annotation = otherThanIntegers(leaf);
  const type = annotation === undefined ? physical : `${physical} (${annotation})`;
  if (leaf.maxRepetition > 0) return `${'lists of '.repeat(leaf.maxRepetition)}${type}`;
  return leaf.path.length > 1 ? `a group with a column of ${type}` : type;
}

export const physicalTypeName = (type: number): string => PHYSICAL_TYPES[type] ?? `type ${type}`;
