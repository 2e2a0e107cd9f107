/** Calls of the binary that run on its pool, as promises. */

import type { CallersSignal, Stopper } from '../support/abort.js';
import { binding } from './binary.js';
import type { Done, Finished } from './contract/done.js';

/**
 * Resolves with `result` once what `begin` started has filled it. `begin` gives the job's number.
 *
 * The arrays in `result` are nobody else's until then. Who stops it rejects at once; the binary, told to
 * stop, lets go of its memory a tile later.
 */
export function filledOnPool<Result>(
  stopper: Stopper | undefined,
  result: Result,
  begin: (done: Finished) => number,
): Promise<Result> {
  return jobOnPool([stopper], begin, result);
}

/** Resolves with the value that `begin`, which gives the job's number, has when it is done. */
export async function madeOnPool<Value>(
  signal: CallersSignal | undefined,
  begin: (done: Done<Value>) => number,
  progress?: Stopper,
): Promise<Value> {
  signal?.throwIfAborted();
  return jobOnPool([progress, signal], begin);
}

/** Resolves with what `begin` opens, which nothing stops. */
export function openedOnPool<Value>(begin: (done: Done<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    begin((error, value) => {
      if (value !== undefined) resolve(value);
      else reject(error);
    });
  });
}

/** Whatever stoppers do, the promise settles: what one throws rejects it, and the job is told to stop. */
function jobOnPool<Value>(
  stoppers: readonly (Stopper | undefined)[],
  begin: (done: Done<Value>) => number,
  filled?: Value,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const listening: (() => void)[] = [];
    const job = begin((error, made) => {
      // A promise settles once: what comes first counts.
      if (error !== undefined) reject(error);
      for (const end of listening) attempt(end, reject);
      resolve((made ?? filled) as Value);
    });
    const stop = (reason: unknown) => {
      reject(reason);
      binding().cancel(job);
    };
    for (const stopper of stoppers) {
      if (stopper !== undefined) attempt(() => listening.push(stopper.listen(stop)), stop);
    }
  });
}

function attempt(action: () => void, failed: (error: unknown) => void): void {
  try {
    action();
  } catch (error) {
    failed(error);
  }
}
