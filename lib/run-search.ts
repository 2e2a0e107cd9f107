/** A planned search, run: on the calling thread, or on the pool until its promise settles. */

import { isAborted, onAbort, release } from './abort.js';
import { binding } from './binary.js';
import { type Kept, keptFor } from './kept.js';
import type { NativeHistory } from './native.js';
import type { SearchPlan } from './search-plan.js';

export function searchHere(
  history: NativeHistory,
  plan: SearchPlan,
  signal: AbortSignal | undefined,
): Kept {
  if (signal !== undefined && isAborted(signal)) throw signal.reason;
  const kept = keptFor(plan.count, plan.k);
  history.searchSync(
    plan.targetKind,
    plan.targets,
    plan.count,
    plan.unit,
    plan.k,
    plan.minScore,
    plan.since,
    plan.distinct,
    plan.threads,
    plan.categories,
    plan.exclude,
    kept.positions,
    kept.scores,
  );
  return kept;
}

/**
 * The arrays are nobody else's until the promise resolves. An abort rejects at once; the binary, told
 * to stop, lets go of its memory a tile later.
 */
export function searchOnPool(
  history: NativeHistory,
  plan: SearchPlan,
  signal: AbortSignal | undefined,
): Promise<Kept> {
  return new Promise((resolve, reject) => {
    if (signal !== undefined && isAborted(signal)) {
      reject(signal.reason);
      return;
    }
    const kept = keptFor(plan.count, plan.k);
    const job = history.search(
      plan.targetKind,
      plan.targets,
      plan.count,
      plan.unit,
      plan.k,
      plan.minScore,
      plan.since,
      plan.distinct,
      plan.threads,
      plan.categories,
      plan.exclude,
      kept.positions,
      kept.scores,
      (error) => {
        if (signal !== undefined) release(signal, stop);
        if (error === undefined) resolve(kept);
        else reject(error);
      },
    );
    const stop = () => {
      reject(signal?.reason);
      binding().cancel(job);
    };
    if (signal !== undefined) onAbort(signal, stop);
  });
}
