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

/** ConvertedType, by number: of these an integer is something else than a whole number. */
const NO_INTEGERS: Readonly<Record<number, string>> = {
  5: 'DECIMAL',
  6: 'DATE',
  7: 'TIME_MILLIS',
  8: 'TIME_MICROS',
  9: 'TIMESTAMP_MILLIS',
  10: 'TIMESTAMP_MICROS',
  21: 'INTERVAL',
};

const UINT_32 = 13;

/** LogicalType, by the field that is set; the rest of those that integers may have is a whole number. */
const NO_LOGICAL_INTEGERS: Readonly<Record<number, string>> = {
  5: 'DECIMAL',
  6: 'DATE',
  7: 'TIME',
  8: 'TIMESTAMP',
};

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

function whole(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new Error(`must be whole numbers; got ${value}`);
  return BigInt(value);
}

const EXPECTED: Readonly<Record<ColumnKind, string>> = {
  id: 'be a column of integers (INT64 or INT32, signed or not)',
  ids: 'be a column of lists of integers (INT64 or INT32, signed or not)',
  numbers: 'be a column of lists of numbers',
};

/** How the column's values are read; an error that says what it is if it is not of the kind. */
export function valueType(name: string, leaves: readonly Leaf[], kind: ColumnKind): ValueType {
  const [leaf] = leaves;
  const type = leaf !== undefined && leaves.length === 1 ? typeOf(leaf, kind) : undefined;
  if (type !== undefined) return type;
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

function otherThanIntegers({ element }: Leaf): string | undefined {
  return NO_LOGICAL_INTEGERS[element.logical ?? -1] ?? NO_INTEGERS[element.converted ?? -1];
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
