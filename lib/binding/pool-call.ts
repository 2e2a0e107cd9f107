/** Calls of the binary that run on its pool, as promises. */

import type { CallersSignal, Stopper } from '../support/abort.js';
import { binding } from './binary.js';
import type { Done, Finished } from './contract/done.js';
import { isForTheLine, isThereALine, standInLine } from './refusal.js';

/**
 * Resolves with what `makeResult` makes once what `begin` started has filled it. `begin` gives the job's
 * number.
 *
 * The arrays of the result are nobody else's until then. Who stops it rejects at once; the binary, told
 * to stop, lets go of its memory a tile later.
 */
export async function filledOnPool<Result>(
  signal: CallersSignal | undefined,
  makeResult: () => Result,
  begin: (result: Result, done: Finished) => number,
): Promise<Result> {
  signal?.throwIfAborted();
  return jobOnPool([signal], (done: Done<Result>) => {
    // Refused before memory is taken and anything is copied.
    if (isThereALine()) binding().requireRoom();
    const result = makeResult();
    return begin(result, (error) => done(error, result));
  });
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
    beginOrStandInLine(begin, (error, value) => {
      if (value !== undefined) resolve(value);
      else reject(error);
    });
  });
}

/** Whatever stoppers do, the promise settles: what one throws rejects it, and the job is told to stop. */
function jobOnPool<Value>(
  stoppers: readonly (Stopper | undefined)[],
  begin: (done: Done<Value>) => number,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const listening: (() => void)[] = [];
    const { job, isInLine } = beginOrStandInLine(begin, (error, made) => {
      // A promise settles once: what comes first counts.
      if (error !== undefined) reject(error);
      for (const end of listening) attempt(end, reject);
      resolve(made as Value);
    });
    const fail = (reason: unknown) => {
      reject(reason);
      binding().cancel(job);
    };
    // Who is in line was refused before: to be stopped is to hear of it.
    const stop = isInLine ? () => binding().cancel(job) : fail;
    for (const stopper of stoppers) {
      if (stopper !== undefined) attempt(() => listening.push(stopper.listen(stop)), fail);
    }
  });
}

interface Begun<Job> {
  readonly job: Job | number;
  /** The queue was full: `job` is that of a place in line. */
  readonly isInLine: boolean;
}

function beginOrStandInLine<Value, Job>(
  begin: (done: Done<Value>) => Job,
  done: Done<Value>,
): Begun<Job> {
  try {
    return { job: begin(done), isInLine: false };
  } catch (error) {
    if (!isForTheLine(error)) throw error;
    return { job: standInLine(binding(), () => done(error as Error)), isInLine: true };
  }
}

function attempt(action: () => void, failed: (error: unknown) => void): void {
  try {
    action();
  } catch (error) {
    failed(error);
  }
}
