/** Calls of a tree that run on the binary's pool, as promises. */

import { onAbort, release } from './abort.js';
import { binding } from './binary.js';
import { throwIfAborted } from './pool-call.js';

type Done<Value> = (error: Error | undefined, value: Value | undefined) => void;

/** Resolves with what `begin`, which gives the job's number, says when it is done. */
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

/** After everything before it, however that ended. */
export function inTurn<Value>(
  before: Promise<unknown>,
  call: () => Promise<Value>,
): Promise<Value> {
  return before.then(call, call);
}
