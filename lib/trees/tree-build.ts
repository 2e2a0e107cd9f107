/** What a build of an index tree may be asked, and its run on the binary's pool. */

import { binding } from '../binding/binary.js';
import { SPLIT_CODES } from '../binding/contract/codes.js';
import type { NativeTable } from '../binding/contract/native-table.js';
import type { NativeTree } from '../binding/contract/native-tree.js';
import { madeOnPool } from '../binding/pool-call.js';
import { type CallersSignal, signalOf } from '../support/abort.js';
import { mustBe, reading } from '../support/errors.js';
import { MAX_THREADS } from '../support/limits.js';
import { knownOptions, optionNames, requireChoice, requireInteger } from '../support/options.js';
import { ProgressCalls } from '../support/progress-calls.js';

/**
 * How a node divides its items.
 *
 * - `balanced`: 2-means, cut in the middle of the margin, so that the depth is ceil(log2 items).
 * - `plain`: 2-means, each item to its nearer mean.
 */
export type TreeSplit = keyof typeof SPLIT_CODES;

export interface TreeBuildOptions {
  /** Default `'balanced'`. */
  readonly split?: TreeSplit | undefined;
  /** Of the randomness, 0 to 2^53 − 1; the same seed gives the same tree. Default 0. */
  readonly seed?: number | undefined;
  /** Most threads that may work on the build. Default: all of the pool. */
  readonly threads?: number | undefined;
  /**
   * Called about ten times a second with the share of the work that is done, 0 to 1. What it throws, or
   * what a promise that it returns rejects with, ends the build: its promise rejects with that.
   */
  readonly onProgress?: ((done: number) => unknown) | undefined;
  /** Stops the build: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const BUILD_OPTIONS = optionNames('tree options', [
  'split',
  'seed',
  'threads',
  'onProgress',
  'signal',
]);

export interface BuildPlan {
  readonly seed: number;
  readonly split: number;
  readonly threads: number;
  readonly onProgress: ((done: number) => unknown) | undefined;
  readonly signal: CallersSignal | undefined;
}

export function planBuild(options: TreeBuildOptions): BuildPlan {
  return reading(BUILD_OPTIONS.what, () => plannedBuild(options));
}

function plannedBuild(options: TreeBuildOptions): BuildPlan {
  const known = knownOptions(options, BUILD_OPTIONS);
  const { split = 'balanced', seed = 0, threads, onProgress, signal } = known;
  requireChoice('split', split, SPLIT_CODES);
  requireInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  if (threads !== undefined) requireInteger('threads', threads, 1, MAX_THREADS);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'onProgress', 'a function', onProgress);
  }
  return {
    seed,
    split: SPLIT_CODES[split],
    threads: threads ?? 0,
    onProgress,
    signal: signalOf(signal),
  };
}

export async function buildOnPool(table: NativeTable, plan: BuildPlan): Promise<NativeTree> {
  const { seed, split, threads, onProgress, signal } = plan;
  const itemLevels = new BigInt64Array(new SharedArrayBuffer(8));
  const total = table.rows * Math.ceil(Math.log2(Math.max(table.rows, 2)));
  const share = () => Math.min(Number(Atomics.load(itemLevels, 0)) / total, 1);
  const progress = onProgress === undefined ? undefined : new ProgressCalls(onProgress, share);
  const tree = await madeOnPool<NativeTree>(
    signal,
    (done) => binding().treeBuild(table, seed, split, threads, itemLevels, done),
    progress,
  );
  try {
    if (!signal?.isAborted()) await progress?.finish();
    return tree;
  } catch (error) {
    tree.close();
    throw error;
  }
}
