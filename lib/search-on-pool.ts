/** One asynchronous search: from the call to a settled promise. */

import { mustBe } from './errors.js';
import type { NativeHistory, NativeSearch } from './native.js';
import { type Kept, keptFor } from './search.js';

/**
 * The arrays are nobody else's until the promise resolves. An abort rejects at once; the binary, told
 * to stop, lets go of its memory a tile later.
 */
export function searchOnPool(
  history: NativeHistory,
  plan: NativeSearch,
  signal: AbortSignal | undefined,
): Promise<Kept> {
  if (signal !== undefined) requireSignal(signal);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const kept = keptFor(plan.count, plan.k);
    const job = history.search(plan, kept.positions, kept.scores, (error) => {
      signal?.removeEventListener('abort', stop);
      if (error === undefined) resolve(kept);
      else reject(error);
    });
    const stop = () => {
      reject(signal?.reason);
      job.cancel();
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Signals of other realms are welcome, so their class says nothing. */
export function requireSignal(signal: AbortSignal): void {
  const { aborted, addEventListener } = Object(signal) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return;
  throw mustBe('ERR_KLEIO_ARGUMENT', 'signal', 'an AbortSignal', signal);
}
