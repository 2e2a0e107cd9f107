/** Calls of the binary that run on its pool, as promises. */

import { isAborted, onAbort, release } from '../support/abort.js';
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

export type Done<Value> = (error: Error | undefined, value: Value | undefined) => void;

/** Resolves with the value that `begin`, which gives the job's number, has when it is done. */
export async function jobOnPool<Value>(
  signal: AbortSignal | undefined,
  begin: (done: Done<Value>) => number,
): Promise<Value> {
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const job = begin((error, value) => {
      if (signal !== undefined) release(signal, stop);
      if (error === undefined) resolve(value as Value);
      else reject(error);
    });
    const stop = () => {
      reject(signal?.reason);
      binding().cancel(job);
    };
    if (signal !== undefined) onAbort(signal, stop);
  });
}
