/**
 * Arrays for the binary to fill. It writes every element before anybody sees one, so large ones are left as
 * the memory comes: zeroing the 400 KB of a search of 1000 targets takes the event loop 10 us.
 */

import { allocated } from '../support/memory.js';
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

/** Throws ERR_KLEIO_OUT_OF_MEMORY. */
export function int32Results(length: number): Int32Array {
  return allocated(`${length} results`, () =>
    isUnzeroed(length) ? new Int32Array(unzeroed(length * 4)) : new Int32Array(length),
  );
}

/** Throws ERR_KLEIO_OUT_OF_MEMORY. */
export function float32Results(length: number): Float32Array {
  return allocated(`${length} results`, () =>
    isUnzeroed(length) ? new Float32Array(unzeroed(length * 4)) : new Float32Array(length),
  );
}

/** Throws ERR_KLEIO_OUT_OF_MEMORY. */
export function float64Results(length: number): Float64Array {
  return allocated(`${length} results`, () =>
    isUnzeroed(length) ? new Float64Array(unzeroed(length * 8)) : new Float64Array(length),
  );
}

/** Throws ERR_KLEIO_OUT_OF_MEMORY. */
export function bigInt64Results(length: number): BigInt64Array {
  return allocated(`${length} results`, () =>
    isUnzeroed(length) ? new BigInt64Array(unzeroed(length * 8)) : new BigInt64Array(length),
  );
}

const isUnzeroed = (length: number): boolean => length >= MIN_UNZEROED && length <= MAX_UNZEROED;

/** A buffer of its own, which can be transferred like any other. */
const unzeroed = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer;
