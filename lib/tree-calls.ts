/** Calls of a tree that run on the binary's pool, as promises. */

import { isAborted, onAbort, release } from './abort.js';
import { binding } from './binary.js';
import type { NativeTable } from './native.js';
import type { NativeTree } from './native-tree.js';
import { throwIfAborted } from './pool-call.js';

type Done<Value> = (error: Error | undefined, value: Value | undefined) => void;

const PROGRESS_EVERY_MS = 100;

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

export interface BuildPlan {
  readonly seed: number;
  readonly split: number;
  readonly threads: number;
  readonly onProgress: ((done: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

export async function buildOnPool(table: NativeTable, plan: BuildPlan): Promise<NativeTree> {
  const { seed, split, threads, onProgress, signal } = plan;
  const itemLevels = new BigInt64Array(new SharedArrayBuffer(8));
  const total = table.rows * Math.ceil(Math.log2(Math.max(table.rows, 2)));
  const report = () => onProgress?.(Math.min(Number(Atomics.load(itemLevels, 0)) / total, 1));
  const timer = onProgress === undefined ? undefined : setInterval(report, PROGRESS_EVERY_MS);
  try {
    const tree = await jobOnPool<NativeTree>(signal, (done) =>
      binding().treeBuild(table, seed, split, threads, itemLevels, done),
    );
    if (signal === undefined || !isAborted(signal)) onProgress?.(1);
    return tree;
  } finally {
    clearInterval(timer);
  }
}
