/** Embeddings in the form that a table of a dtype takes, and the numbers that they stand for. */

import type { Dtype } from '../../index.js';
import { codesOf } from './clustered-vectors.js';

export interface StoredValues {
  /** As a table takes them; 16-bit floats as their bits. */
  readonly values: Int8Array | Uint16Array | Float32Array;
  /** What they stand for, exactly. */
  readonly numbers: Int8Array | Float32Array;
}

export function storedAs(dtype: Dtype, vectors: Float32Array): StoredValues {
  switch (dtype) {
    case 'int8': {
      const codes = codesOf(vectors);
      return { values: codes, numbers: codes };
    }
    case 'float32':
      return { values: vectors, numbers: vectors };
    case 'float16':
      return shortFloats(vectors, 13, halfOf);
    case 'bfloat16':
      return shortFloats(vectors, 16, (bits) => bits >>> 16);
  }
}

/** Cuts `dropped` bits off each mantissa, so that what is left needs no rounding. */
function shortFloats(
  vectors: Float32Array,
  dropped: number,
  narrow: (bits: number) => number,
): StoredValues {
  const numbers = new Float32Array(vectors.length);
  const bits = new Uint32Array(numbers.buffer);
  const values = new Uint16Array(vectors.length);
  for (let index = 0; index < vectors.length; ++index) {
    // Below the smallest normal half: nothing, in both forms.
    numbers[index] = Math.abs(vectors[index]!) < 2 ** -14 ? 0 : vectors[index]!;
    bits[index] = (bits[index]! >>> dropped) << dropped;
    values[index] = narrow(bits[index]!);
  }
  return { values, numbers };
}

/** Of the bits of a float32 that is 0 or a normal half with a short mantissa. */
function halfOf(bits: number): number {
  if (bits << 1 === 0) return 0;
  const exponent = ((bits >>> 23) & 255) - 127 + 15;
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}
