/** A call of the binary that runs on its pool, as a promise. */

import { isAborted, onAbort, release } from './abort.js';
import { binding } from './binary.js';

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal !== undefined && isAborted(signal)) throw signal.reason;
}

/**
 * Resolves with `result` once what `begin` started is done. `begin` gives the job's number.
 *
 * The arrays in `result` are nobody else's until then. An abort rejects at once; the binary, told to
 * stop, lets go of its memory a tile later.
 */
export function onPool<Result>(
  signal: AbortSignal | undefined,
  result: Result,
  begin: (done: (error: Error | undefined) => void) => number,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const job = begin((error) => {
      if (signal !== undefined) release(signal, stop);
      if (error === undefined) resolve(result);
      else reject(error);
    });
    const stop = () => {
      reject(signal?.reason);
      binding().cancel(job);
    };
    if (signal !== undefined) onAbort(signal, stop);
  });
}
