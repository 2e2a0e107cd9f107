/** Element types of embeddings: one row a type, which whatever depends on the type reads. */

import { DTYPE_CODES } from '../binding/contract/codes.js';
import { codedError } from '../support/errors.js';
import { notOneOf } from '../support/options.js';

/** How the elements of an embedding are stored. Scores are exact in every one of them. */
export type Dtype = keyof typeof DTYPE_CODES;

/** What a `Float16Array` is where the runtime has it (Node.js 24 and later). */
export interface Float16Values extends ArrayBufferView {
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
  readonly [Symbol.toStringTag]: 'Float16Array';
}

/**
 * Embeddings, row after row. `Uint16Array` holds the bits of float16 or bfloat16 elements, `Uint8Array`
 * those of float8 (E4M3FN of the OCP specification); both need the dtype said beside them.
 */
export type EmbeddingValues = Int8Array | Uint8Array | Uint16Array | Float32Array | Float16Values;

/**
 * Embeddings as a table gives them back: `Int8Array` for int8, `Float32Array` for float32, and for the other dtypes
 * their bits, which every runtime has arrays for: `Uint16Array` for float16 and bfloat16, `Uint8Array` for float8.
 */
export type StoredValues = Int8Array | Uint8Array | Uint16Array | Float32Array;

/** Unsigned integers that hold the bits of elements: what they are must be said beside them. */
interface Bits {
  readonly array: typeof Uint8Array | typeof Uint16Array;
  /** Their element type in a .safetensors file. */
  readonly element: string;
  /** And in .npy files. `V`: what NumPy writes for types of others, bfloat16 among them. */
  readonly descrs: readonly string[];
}

/** What holds the bits of elements. */
export type BitArray = InstanceType<Bits['array']>;

/** A float of a sign, an exponent biased as IEEE 754 does, and a fraction. */
export interface FloatFormat {
  readonly exponentBits: number;
  readonly fractionBits: number;
}

interface ElementType {
  readonly bytes: number;
  /** Tag of the typed array that can hold nothing else; undefined: there is none. */
  readonly tag: string | undefined;
  /** Undefined: elements do not come as bits. */
  readonly bits: Bits | undefined;
  /** In a .safetensors file. */
  readonly element: string;
  /** In a .npy file; undefined: NumPy has no such type. */
  readonly descr: string | undefined;
  /** Undefined: it is no float. */
  readonly format: FloatFormat | undefined;
}

const BITS_8: Bits = { array: Uint8Array, element: 'U8', descrs: ['|u1', '|V1'] };
const BITS_16: Bits = { array: Uint16Array, element: 'U16', descrs: ['<u2', '|V2'] };

export const ELEMENT_TYPES: Readonly<Record<Dtype, ElementType>> = {
  int8: {
    bytes: 1,
    tag: 'Int8Array',
    bits: undefined,
    element: 'I8',
    descr: '|i1',
    format: undefined,
  },
  float8: {
    bytes: 1,
    tag: undefined,
    bits: BITS_8,
    element: 'F8_E4M3',
    descr: undefined,
    format: { exponentBits: 4, fractionBits: 3 },
  },
  float16: {
    bytes: 2,
    tag: 'Float16Array',
    bits: BITS_16,
    element: 'F16',
    descr: '<f2',
    format: { exponentBits: 5, fractionBits: 10 },
  },
  bfloat16: {
    bytes: 2,
    tag: undefined,
    bits: BITS_16,
    element: 'BF16',
    descr: undefined,
    format: { exponentBits: 8, fractionBits: 7 },
  },
  float32: {
    bytes: 4,
    tag: 'Float32Array',
    bits: undefined,
    element: 'F32',
    descr: '<f4',
    format: { exponentBits: 8, fractionBits: 23 },
  },
};

export const DTYPES = Object.keys(ELEMENT_TYPES) as readonly Dtype[];

/** The name of each code, in the order of the codes. */
export const DTYPE_OF_CODE: readonly Dtype[] = DTYPES.toSorted(
  (a, b) => DTYPE_CODES[a] - DTYPE_CODES[b],
);

/** Element types of .safetensors files that name their dtype, and the dtype. */
export const DTYPE_OF_ELEMENT: ReadonlyMap<string, Dtype> = new Map(
  DTYPES.map((dtype) => [ELEMENT_TYPES[dtype].element, dtype]),
);

/** Of ids in a .safetensors file, for error texts. */
export const ID_ELEMENTS = 'I64 or U64';

/** Ids are 64 bits: unsigned ones are the signed ones of the same bits. */
export function isIdElement(element: string): boolean {
  return element === 'I64' || element === 'U64';
}

export function requireDtype(name: string, dtype: unknown): asserts dtype is Dtype {
  if (!DTYPES.includes(dtype as Dtype)) throw notOneOf(name, dtype, DTYPES);
}

/** The dtypes whose bits come as this element type of a .safetensors file. */
export function dtypesOfBits(element: string): readonly Dtype[] {
  return DTYPES.filter((dtype) => ELEMENT_TYPES[dtype].bits?.element === element);
}

/** Whether a typed array of this tag can hold elements of this dtype. */
function carries(tag: string, dtype: Dtype): boolean {
  const { tag: own, bits } = ELEMENT_TYPES[dtype];
  return tag === own || tag === bits?.array.name;
}

/** Tags of the typed arrays that carry elements of this dtype. */
function tagsOf(dtype: Dtype): string[] {
  const { tag, bits } = ELEMENT_TYPES[dtype];
  return [tag, bits?.array.name].filter((name) => name !== undefined);
}

const EMBEDDING_TAGS = [...new Set(DTYPES.flatMap(tagsOf))];

/** The dtype of values in a typed array of this tag, given what the caller said about it. */
export function dtypeOf(name: string, tag: string, said: Dtype | undefined): Dtype {
  if (said !== undefined) {
    if (carries(tag, said)) return said;
    throw codedError(
      'ERR_KLEIO_DTYPE',
      `${name} of dtype '${said}' must come as ${tagsOf(said).join(' or ')}; got ${tag}`,
    );
  }
  const own = DTYPES.find((dtype) => ELEMENT_TYPES[dtype].tag === tag);
  if (own !== undefined) return own;
  const possible = DTYPES.filter((dtype) => carries(tag, dtype));
  if (possible.length > 0) throw unsaid(`${name} is a ${tag}`, possible);
  throw codedError(
    'ERR_KLEIO_DTYPE',
    `${name} must be one of ${EMBEDDING_TAGS.join(', ')}; got ${tag}`,
  );
}

/** The error of bits whose dtype is not said; `what` says where they are. */
export function unsaid(what: string, possible: readonly Dtype[]): Error {
  const choices = possible.map((dtype) => `'${dtype}'`).join(' or ');
  return codedError('ERR_KLEIO_DTYPE', `${what}: dtype must say what its bits are, ${choices}`);
}
