/** Embeddings in the form that a table of a dtype takes, and the numbers that they stand for. */

import type { Dtype } from '../../index.js';
import { type BitArray, ELEMENT_TYPES, type FloatFormat } from '../../tables/dtypes.js';
import { codesOf } from './clustered-vectors.js';

export interface StoredValues {
  /** As a table takes them; floats without an array of their own as their bits. */
  readonly values: Int8Array | BitArray | Float32Array;
  /** What they stand for, exactly. */
  readonly numbers: Int8Array | Float32Array;
}

export function storedAs(dtype: Dtype, vectors: Float32Array): StoredValues {
  const { bits, format } = ELEMENT_TYPES[dtype];
  if (format === undefined) {
    const codes = codesOf(vectors);
    return { values: codes, numbers: codes };
  }
  if (bits === undefined) return { values: vectors, numbers: vectors };
  return shortFloats(vectors, new bits.array(vectors.length), format);
}

/** Cuts off each mantissa what the format does not hold, so that what is left needs no rounding. */
function shortFloats(
  vectors: Float32Array,
  values: BitArray,
  { exponentBits, fractionBits }: FloatFormat,
): StoredValues {
  const numbers = new Float32Array(vectors.length);
  const words = new Uint32Array(numbers.buffer);
  const leastExponent = 2 - 2 ** (exponentBits - 1);
  for (let index = 0; index < vectors.length; ++index) {
    // Below the smallest normal half: nothing, in every form.
    if (Math.abs(vectors[index]!) < 2 ** -14) continue;
    numbers[index] = vectors[index]!;
    const word = words[index]!;
    const exponent = ((word >>> 23) & 255) - 127;
    const raised = Math.max(exponent, leastExponent);
    const dropped = Math.min(23 - fractionBits + raised - exponent, 24);
    const steps = ((word & 0x7fffff) | 0x800000) >>> dropped;
    words[index] = steps === 0 ? 0 : (word >>> dropped) << dropped;
    const magnitude = ((raised - leastExponent) << fractionBits) + steps;
    values[index] = ((word >>> 31) << (exponentBits + fractionBits)) | magnitude;
  }
  return { values, numbers };
}
