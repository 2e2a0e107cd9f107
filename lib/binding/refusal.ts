/**
 * When callers hear that the queue was full.
 *
 * Whoever hears of it at once and asks again keeps the event loop busy with refusals, and the pool gets
 * less of the processor than without them. So each place that becomes free lets one caller hear, in the
 * order in which they were refused: those who ask again come as fast as the pool works. Where no place
 * becomes free they hear in time all the same, about one a millisecond.
 */

import { onAbort, release } from '../support/abort.js';
import type { NativeProcessBinding } from './contract/native-process.js';

export const DEFAULT_REFUSAL_MS = 1000;

/** A day. */
export const MAX_REFUSAL_MS = 86_400_000;

/** However few wait. */
const LEAST_MS = 100;

let mostMs = DEFAULT_REFUSAL_MS;
let waiting = 0;

/** How long a refused caller waits at most before it hears of it. */
export function setRefusalMs(milliseconds: number): void {
  mostMs = milliseconds;
}

export function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'ERR_KLEIO_QUEUE_FULL';
}

/**
 * Calls `refuse` when a place has become free, when the caller has waited long enough, or when its signal
 * aborts: it was refused before.
 */
export function refuseInTurn(
  native: NativeProcessBinding,
  signal: AbortSignal | undefined,
  refuse: () => void,
): void {
  if (mostMs === 0) {
    refuse();
    return;
  }
  waiting += 1;
  const job = native.awaitRoom(() => {
    waiting -= 1;
    clearTimeout(timer);
    if (signal !== undefined) release(signal, stop);
    refuse();
  });
  const stop = () => native.cancel(job);
  const timer = setTimeout(stop, Math.min(mostMs, Math.max(LEAST_MS, waiting)));
  if (signal !== undefined) onAbort(signal, stop);
}
