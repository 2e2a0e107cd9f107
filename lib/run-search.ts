/** A planned search, run: on the calling thread, or on the pool until its promise settles. */

import { binding } from './binary.js';
import { mustBe } from './errors.js';
import type { NativeHistory } from './native.js';
import { type Kept, keptFor, type SearchPlan } from './search.js';

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
        signal?.removeEventListener('abort', stop);
        if (error === undefined) resolve(kept);
        else reject(error);
      },
    );
    const stop = () => {
      reject(signal?.reason);
      binding().cancel(job);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Signals of other realms are welcome, so their class says nothing. */
function isAborted(signal: AbortSignal): boolean {
  const { aborted, addEventListener } = Object(signal) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return aborted;
  throw mustBe('ERR_KLEIO_ARGUMENT', 'signal', 'an AbortSignal', signal);
}
