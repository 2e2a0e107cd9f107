/** Element types of embeddings and the typed arrays that carry them. */

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
 * Embeddings, row after row. `Uint16Array` holds the bits of float16 or bfloat16 elements and needs the
 * dtype said beside it.
 */
export type EmbeddingValues = Int8Array | Uint16Array | Float32Array | Float16Values;

export const DTYPES: readonly Dtype[] = ['int8', 'float16', 'bfloat16', 'float32'];

export const BYTES_OF_DTYPE: Readonly<Record<Dtype, number>> = {
  int8: 1,
  float16: 2,
  bfloat16: 2,
  float32: 4,
};

/** The name of each code, in the order of the codes. */
export const DTYPE_OF_CODE: readonly Dtype[] = DTYPES.toSorted(
  (a, b) => DTYPE_CODES[a] - DTYPE_CODES[b],
);

/** What each typed array can hold. */
const DTYPES_OF_TAG: Readonly<Record<string, readonly Dtype[]>> = {
  Int8Array: ['int8'],
  Float16Array: ['float16'],
  Float32Array: ['float32'],
  Uint16Array: ['float16', 'bfloat16'],
};

const EMBEDDING_TAGS = Object.keys(DTYPES_OF_TAG);

export function requireDtype(name: string, dtype: unknown): asserts dtype is Dtype {
  if (!DTYPES.includes(dtype as Dtype)) throw notOneOf(name, dtype, DTYPES);
}

/** The dtype of values in a typed array of this tag, given what the caller said about it. */
export function dtypeOf(name: string, tag: string, said: Dtype | undefined): Dtype {
  const possible = DTYPES_OF_TAG[tag] ?? [];
  if (said !== undefined) {
    if (possible.includes(said)) return said;
    const tags = EMBEDDING_TAGS.filter((other) => DTYPES_OF_TAG[other]!.includes(said));
    throw codedError(
      'ERR_KLEIO_DTYPE',
      `${name} of dtype '${said}' must come as ${tags.join(' or ')}; got ${tag}`,
    );
  }
  if (possible.length === 1) return possible[0]!;
  if (possible.length === 0) {
    throw codedError(
      'ERR_KLEIO_DTYPE',
      `${name} must be one of ${EMBEDDING_TAGS.join(', ')}; got ${tag}`,
    );
  }
  const choices = possible.map((dtype) => `'${dtype}'`).join(' or ');
  throw codedError(
    'ERR_KLEIO_DTYPE',
    `${name} is a ${tag}: dtype must say what its bits are, ${choices}`,
  );
}
