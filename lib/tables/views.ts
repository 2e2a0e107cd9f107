/**
 * Checks of typed arrays. The kind is read from the array itself, not from its prototype: arrays of
 * other realms pass, look-alikes do not.
 */

import type { NativeValues } from '../binding/contract/native-table.js';
import { codedError, mustBe } from '../support/errors.js';
import { getterOf, uncurried } from '../support/intrinsics.js';
import { allocated } from '../support/memory.js';
import {
  type Dtype,
  dtypeOf,
  ELEMENT_TYPES,
  type EmbeddingValues,
  type StoredValues,
} from './dtypes.js';

const typedArrayPrototype = Object.getPrototypeOf(Int8Array.prototype) as Int8Array;
const tagGetter = getterOf<string | undefined>(typedArrayPrototype, Symbol.toStringTag);
const lengthGetter = getterOf<number>(typedArrayPrototype, 'length');
const bufferGetter = getterOf<ArrayBuffer>(typedArrayPrototype, 'buffer');
const byteOffsetGetter = getterOf<number>(typedArrayPrototype, 'byteOffset');
const keysOf: (view: Int8Array) => unknown = uncurried(typedArrayPrototype.keys);

/** 'Int32Array' and so on; undefined for whatever is no typed array. */
export function tagOf(value: unknown): string | undefined {
  return tagGetter(value);
}

/**
 * Elements of a typed array. A caller's `array.length` is no such thing: an array may have a property of its
 * own in front of it, as it may before `buffer`, `slice` and `constructor`.
 */
export function lengthOf(view: { readonly length: number }): number {
  return lengthGetter(view);
}

/** The bits of a Float32Array, in its memory; undefined for whatever is none. */
export function float32BitsOf(value: unknown): Int32Array | undefined {
  if (tagOf(value) !== 'Float32Array') return undefined;
  return new Int32Array(bufferGetter(value), byteOffsetGetter(value), lengthGetter(value));
}

/**
 * Refuses views that lost their memory. Those read as empty, so only empty ones are looked at: a
 * method that validates its array throws on a detached or out-of-bounds one.
 */
export function requireAttached(name: string, view: { readonly length: number }): void {
  if (lengthOf(view) !== 0) return;
  try {
    keysOf(view as Int8Array);
  } catch {
    throw codedError(
      'ERR_KLEIO_ARGUMENT',
      `${name} must have its memory; the buffer was transferred, or shrunk below the view`,
    );
  }
}

export function requireBigInt64(name: string, value: unknown): asserts value is BigInt64Array {
  if (tagOf(value) !== 'BigInt64Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a BigInt64Array', value);
  }
  requireAttached(name, value as BigInt64Array);
}

export function requireUint8(name: string, value: unknown): asserts value is Uint8Array {
  if (tagOf(value) !== 'Uint8Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a Uint8Array', value);
  }
  requireAttached(name, value as Uint8Array);
}

export function requireFloat32(name: string, value: unknown): asserts value is Float32Array {
  if (tagOf(value) !== 'Float32Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a Float32Array', value);
  }
  requireAttached(name, value as Float32Array);
}

export function requireInt32(name: string, value: unknown): asserts value is Int32Array {
  if (tagOf(value) !== 'Int32Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an Int32Array', value);
  }
  requireAttached(name, value as Int32Array);
}

/** Checks embeddings and returns their dtype. */
export function requireEmbeddings(
  name: string,
  value: EmbeddingValues,
  dtype: Dtype | undefined,
): Dtype {
  const tag = tagOf(value);
  if (tag === undefined) {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a typed array of embeddings', value);
  }
  const found = dtypeOf(name, tag, dtype);
  requireAttached(name, value);
  return found;
}

/** The same memory in a kind of array that every Node-API knows: Float16Array as its bits. */
export function nativeValues(values: EmbeddingValues): NativeValues {
  if (tagOf(values) !== 'Float16Array') return values as NativeValues;
  return new Uint16Array(bufferGetter(values), byteOffsetGetter(values), lengthOf(values));
}

/** The first elements, in the same memory. */
export function startOf(values: Float32Array, length: number): Float32Array {
  return new Float32Array(bufferGetter(values), byteOffsetGetter(values), length);
}

/** The same numbers as float32. `from` would ask the array for its iterator. */
export function widened(values: Float32Array | Uint8Array): Float32Array {
  return allocated('a copy', () => new Float32Array(values));
}

const COPIES = {
  BigInt64Array,
  Float32Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint8Array,
} as const;

/** Memory of one's own, of the kind that the array is. */
export function copyOf<Values extends NativeValues | BigInt64Array | Int32Array>(
  values: Values,
): Values {
  const Kind = COPIES[tagOf(values) as keyof typeof COPIES] as unknown as new (
    of: Values,
  ) => Values;
  return allocated('a copy', () => new Kind(values));
}

/** Room for elements of a dtype, in the kind of array that the binary takes for it. */
export function roomFor(dtype: Dtype, length: number): StoredValues {
  const { tag, bits } = ELEMENT_TYPES[dtype];
  const Kind = bits?.array ?? COPIES[tag as 'Int8Array' | 'Float32Array'];
  return allocated('the embeddings', () => new Kind(length));
}

/** How many rows of `dim` elements `length` elements make. */
export function rowsIn(name: string, length: number, dim: number, of = 'dim'): number {
  const remainder = length % dim;
  if (remainder === 0) return length / dim;
  throw codedError(
    'ERR_KLEIO_SHAPE',
    `${name}.length must be a multiple of ${of} (${dim}); got ${length} (remainder ${remainder})`,
  );
}

export function requireLength(name: string, length: number, expected: number, of: string): void {
  if (length !== expected) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `${name}.length must be ${expected}, one for each ${of}; got ${length}`,
    );
  }
}

/** Ids, of categories for example, as the binary takes them. */
export function idsAsInt64(name: string, ids: BigInt64Array | Int32Array): BigInt64Array {
  const tag = tagOf(ids);
  if (tag !== 'BigInt64Array' && tag !== 'Int32Array') {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'a BigInt64Array or an Int32Array', ids);
  }
  requireAttached(name, ids);
  if (tag === 'BigInt64Array') return ids as BigInt64Array;
  const widened = allocated(name, () => new BigInt64Array(lengthOf(ids)));
  for (let index = 0; index < widened.length; ++index) widened[index] = BigInt(ids[index]!);
  return widened;
}
