/**
 * Arrays for the binary to fill. It writes every element before anybody sees one, so large ones are left as
 * the memory comes: zeroing the 400 KB of a search of 1000 targets takes the event loop 10 us.
 */

import { allocated, noMemoryFor } from '../support/memory.js';
import { Buffer } from '../support/node-builtins.js';

/** Elements. Shorter arrays lie in the heap of JavaScript, and are quicker made with zeros. */
const MIN_UNZEROED = 1024;
/** What every Node.js has room for in a Buffer; beyond it the system's own pages are zero anyway. */
const MAX_UNZEROED = 2 ** 28;

/** At a multiple of 8. Throws ERR_KLEIO_OUT_OF_MEMORY. */
export function uint8Results(length: number): Uint8Array<ArrayBuffer> {
  return allocated(`${length} bytes`, () =>
    isUnzeroed(length) ? new Uint8Array(unzeroed(length)) : new Uint8Array(new ArrayBuffer(length)),
  );
}

// Throw ERR_KLEIO_OUT_OF_MEMORY.
export const int32Results = (length: number) => resultsOf(Int32Array, length);
export const float32Results = (length: number) => resultsOf(Float32Array, length);
export const float64Results = (length: number) => resultsOf(Float64Array, length);
export const bigInt64Results = (length: number) => resultsOf(BigInt64Array, length);

/** Every search comes here, so nothing is made beside the array. */
function resultsOf<Results>(
  Kind: (new (room: number | ArrayBuffer) => Results) & { readonly BYTES_PER_ELEMENT: number },
  length: number,
): Results {
  try {
    return new Kind(isUnzeroed(length) ? unzeroed(length * Kind.BYTES_PER_ELEMENT) : length);
  } catch (cause) {
    throw noMemoryFor(`${length} results`, cause);
  }
}

const isUnzeroed = (length: number): boolean => length >= MIN_UNZEROED && length <= MAX_UNZEROED;

/** A buffer of its own, which can be transferred like any other. */
const unzeroed = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer;
