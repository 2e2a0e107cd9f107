/** Memory of JavaScript that the system or the engine may refuse. */

import { codedError } from './errors.js';

/** What `make` makes, which is arrays alone. Throws ERR_KLEIO_OUT_OF_MEMORY. */
export function allocated<Value>(what: string, make: () => Value): Value {
  try {
    return make();
  } catch (cause) {
    throw noMemoryFor(what, cause);
  }
}

export function noMemoryFor(what: string, cause: unknown): Error {
  return codedError('ERR_KLEIO_OUT_OF_MEMORY', `no memory for ${what}`, { cause });
}
