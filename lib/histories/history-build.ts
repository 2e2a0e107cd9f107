/** Histories that are made with their behaviours. */

import type { Done } from '../binding/contract/done.js';
import type { NativeHistory, NativeHistoryBuild } from '../binding/contract/native-history.js';
import { madeOnPool } from '../binding/pool-call.js';
import { signalOf } from '../support/abort.js';
import { reading } from '../support/errors.js';
import { MAX_COUNT } from '../support/limits.js';
import { knownOptions, optionNames, requireInteger } from '../support/options.js';
import { type AppendOptions, type Behaviours, nativeBehaviours } from './behaviours.js';
import type { SearchedTable } from './search-plan.js';

export interface HistoryOptions {
  /** Most behaviours kept; past it the oldest leave. Default 2^31 − 2. */
  readonly capacity?: number | undefined;
}

export interface HistoryBuildOptions extends HistoryOptions, AppendOptions {
  /** Stops the build: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const BUILD_OPTIONS = optionNames('history options', ['capacity', 'categories', 'times', 'signal']);

const HISTORY_OPTIONS = optionNames('history options', ['capacity']);

/** The checked option of an empty history. */
export function capacityIn(options: HistoryOptions): number {
  return reading(HISTORY_OPTIONS.what, () =>
    capacityOf(knownOptions(options, HISTORY_OPTIONS).capacity),
  );
}

/** The checked option. */
export function capacityOf(capacity = MAX_COUNT): number {
  requireInteger('capacity', capacity, 1, MAX_COUNT);
  return capacity;
}

/** The native history that `begin` makes on the pool of checked behaviours. */
export async function buildOnPool(
  table: SearchedTable,
  behaviours: Behaviours,
  options: HistoryBuildOptions,
  begin: (...build: [...NativeHistoryBuild, done: Done<NativeHistory>]) => number,
): Promise<NativeHistory> {
  const { capacity, appended, signal } = reading(BUILD_OPTIONS.what, () => {
    const { capacity, categories, times, signal } = knownOptions(options, BUILD_OPTIONS);
    return {
      capacity: capacityOf(capacity),
      appended: nativeBehaviours(table, behaviours, categories, times),
      signal: signalOf(signal),
    };
  });
  return madeOnPool<NativeHistory>(signal, (done) => begin(capacity, ...appended, done));
}
