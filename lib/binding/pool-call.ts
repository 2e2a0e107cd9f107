/** Calls of the binary that run on its pool, as promises. */

import { isAborted, onAbort, release } from '../support/abort.js';
import { binding } from './binary.js';
import type { Done, Finished } from './contract/done.js';
import { isRefusal, refuseInTurn } from './refusal.js';

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal !== undefined && isAborted(signal)) throw signal.reason;
}

/**
 * Resolves with `result` once what `begin` started has filled it. `begin` gives the job's number.
 *
 * The arrays in `result` are nobody else's until then. An abort rejects at once; the binary, told to
 * stop, lets go of its memory a tile later.
 */
export function filledOnPool<Result>(
  signal: AbortSignal | undefined,
  result: Result,
  begin: (done: Finished) => number,
): Promise<Result> {
  return jobOnPool(signal, begin, result);
}

/** Resolves with the value that `begin`, which gives the job's number, has when it is done. */
export async function madeOnPool<Value>(
  signal: AbortSignal | undefined,
  begin: (done: Done<Value>) => number,
): Promise<Value> {
  throwIfAborted(signal);
  return jobOnPool(signal, begin);
}

/** Resolves with what `begin` opens, which nothing stops. */
export function openedOnPool<Value>(begin: (done: Done<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    submit(undefined, reject, () =>
      begin((error, value) => {
        if (value !== undefined) resolve(value);
        else reject(error);
      }),
    );
  });
}

function jobOnPool<Value>(
  signal: AbortSignal | undefined,
  begin: (done: Done<Value>) => number,
  filled?: Value,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const job = submit(signal, reject, () =>
      begin((error, made) => {
        if (signal !== undefined) release(signal, stop);
        if (error === undefined) resolve((made ?? filled) as Value);
        else reject(error);
      }),
    );
    const stop = () => {
      reject(signal?.reason);
      binding().cancel(job as number);
    };
    if (signal !== undefined && job !== undefined) onAbort(signal, stop);
  });
}

/** What `begin` gives; nothing if the queue is full, of which `reject` hears in its turn. */
function submit<Job>(
  signal: AbortSignal | undefined,
  reject: (error: unknown) => void,
  begin: () => Job,
): Job | undefined {
  try {
    return begin();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    refuseInTurn(binding(), signal, () => reject(error));
    return undefined;
  }
}
