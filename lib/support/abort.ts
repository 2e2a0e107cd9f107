/** AbortSignals: one listener a signal, however many searches wait on it. */

import { mustBe } from './errors.js';

interface Watch {
  readonly stops: Set<() => void>;
  readonly listener: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/** Whether the signal is aborted already. Signals of other realms are welcome: their class says nothing. */
export function isAborted(signal: AbortSignal): boolean {
  const { aborted, addEventListener, removeEventListener } = Object(signal) as Partial<AbortSignal>;
  if (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  ) {
    return aborted;
  }
  throw mustBe('ERR_KLEIO_ARGUMENT', 'signal', 'an AbortSignal', signal);
}

/** Calls `stop` when the signal aborts, until it is released. */
export function onAbort(signal: AbortSignal, stop: () => void): void {
  const watch = watches.get(signal) ?? watched(signal);
  watch.stops.add(stop);
}

export function release(signal: AbortSignal, stop: () => void): void {
  const watch = watches.get(signal);
  if (watch === undefined) return;
  watch.stops.delete(stop);
  if (watch.stops.size > 0) return;
  watches.delete(signal);
  signal.removeEventListener('abort', watch.listener);
}

function watched(signal: AbortSignal): Watch {
  const stops = new Set<() => void>();
  const listener = () => {
    for (const stop of stops) stop();
  };
  const watch = { stops, listener };
  watches.set(signal, watch);
  signal.addEventListener('abort', listener, { once: true });
  return watch;
}
