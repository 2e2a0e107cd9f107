/**
 * When callers hear that the queue was full.
 *
 * Whoever hears of it at once and asks again keeps the event loop busy with refusals, and the pool gets
 * less of the processor than without them. So each place that becomes free lets one caller hear, in the
 * order in which they were refused: those who ask again come as fast as the pool works. Where no place
 * becomes free they hear in time all the same, about one a millisecond.
 */

import { clearTimeout, setTimeout } from '../support/clock.js';
import type { NativeProcessBinding } from './contract/native-process.js';

export const DEFAULT_REFUSAL_MS = 1000;

/** A day. */
export const MAX_REFUSAL_MS = 86_400_000;

/** However few are in line. */
const LEAST_MS = 100;

let mostMs = DEFAULT_REFUSAL_MS;
let callersInLine = 0;

/** How long a refused caller is in line at most; 0: nobody is. */
export function setRefusalMs(milliseconds: number): void {
  mostMs = milliseconds;
}

/** Whether the error is for callers who stand in line to hear of it. */
export function isForTheLine(error: unknown): boolean {
  if (mostMs === 0) return false;
  return (error as { code?: unknown } | undefined)?.code === 'ERR_KLEIO_QUEUE_FULL';
}

/** Whether callers of this environment are in line: then there is hardly a place for another. */
export function isThereALine(): boolean {
  return callersInLine > 0;
}

/**
 * Calls `refuse` when a place has become free, when the caller was in line for long enough, or when the
 * job whose number is returned is cancelled.
 */
export function standInLine(native: NativeProcessBinding, refuse: () => void): number {
  callersInLine += 1;
  const job = native.awaitRoom(() => {
    callersInLine -= 1;
    clearTimeout(timer);
    refuse();
  });
  const longEnough = Math.min(mostMs, Math.max(LEAST_MS, callersInLine));
  const timer = setTimeout(() => native.cancel(job), longEnough);
  return job;
}
