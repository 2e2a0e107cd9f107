/**
 * What callers give to stop a call: signals, and one listener a signal however many calls wait on it.
 *
 * A signal is the caller's code. It may be of another realm, throw from whatever is asked of it, answer with promises
 * that reject, and call its listener at once, twice or never: what it throws goes to the caller, and the call ends.
 */

import { hearRejection } from './answers.js';
import { codedError, mustBe, thrownText } from './errors.js';
import { isObject } from './handles.js';

/** Tells a call to stop. */
export interface Stopper {
  /** `stop` may be called at once. Returns what ends the listening; either may throw. */
  listen(stop: Stop): () => void;
}

export type Stop = (reason: unknown) => void;

interface Watch {
  readonly stops: Set<(why?: Thrown) => void>;
  readonly listener: () => void;
}

interface Thrown {
  readonly thrown: unknown;
}

const { apply } = Reflect;
const watches = new WeakMap<object, Watch>();
// Without a prototype: what somebody puts on that of all objects is no option of ours.
const ONCE = { __proto__: null, once: true };

/** A caller's signal, its methods read once. Its class says nothing: realms have their own. */
export class CallersSignal implements Stopper {
  readonly #signal: AbortSignal;
  readonly #add: AbortSignal['addEventListener'];
  readonly #remove: AbortSignal['removeEventListener'];

  constructor(signal: AbortSignal) {
    const { addEventListener, removeEventListener } = isObject(signal)
      ? signal
      : ({} as AbortSignal);
    this.#signal = signal;
    this.#add = addEventListener;
    this.#remove = removeEventListener;
    if (typeof addEventListener !== 'function' || typeof removeEventListener !== 'function') {
      throw notASignal(signal);
    }
  }

  throwIfAborted(): void {
    if (this.isAborted()) throw this.#reason();
  }

  isAborted(): boolean {
    const { aborted } = this.#signal;
    if (typeof aborted === 'boolean') return aborted;
    hearRejection(aborted, ignore);
    throw notASignal(this.#signal);
  }

  listen(stop: Stop): () => void {
    const stopOnce = (why?: Thrown) => {
      if (watch.stops.delete(stopOnce)) stop(why === undefined ? this.#reason() : why.thrown);
    };
    const watch = watches.get(this.#signal) ?? newWatch();
    const isNew = watch.stops.size === 0;
    watch.stops.add(stopOnce);
    try {
      if (isNew) {
        watches.set(this.#signal, watch);
        const added: unknown = apply(this.#add, this.#signal, ['abort', watch.listener, ONCE]);
        hearRejection(added, (thrown) => stopAll(watch, { thrown }));
      }
      // It may have been aborted before anybody listened.
      if (this.isAborted()) stopOnce();
    } catch (error) {
      this.#forget(watch, stopOnce);
      throw error;
    }
    return () => {
      if (this.#forget(watch, stopOnce)) {
        const removed: unknown = apply(this.#remove, this.#signal, ['abort', watch.listener]);
        // By then the call is over.
        hearRejection(removed, ignore);
      }
    };
  }

  /** Whether nobody waits any more. */
  #forget(watch: Watch, stop: () => void): boolean {
    watch.stops.delete(stop);
    if (watch.stops.size > 0 || watches.get(this.#signal) !== watch) return false;
    return watches.delete(this.#signal);
  }

  /** Never `undefined`: a rejection tells why. */
  #reason(): unknown {
    let cause: unknown;
    try {
      const { reason } = this.#signal;
      if (reason !== undefined) return reason;
    } catch (error) {
      cause = error;
    }
    const why = cause === undefined ? 'which gave no reason' : `which threw: ${thrownText(cause)}`;
    return codedError('ERR_KLEIO_ABORTED', `the call was aborted by its signal, ${why}`, { cause });
  }
}

/** The signal of an option, if there is one. */
export function signalOf(signal: AbortSignal | undefined): CallersSignal | undefined {
  return signal === undefined ? undefined : new CallersSignal(signal);
}

function newWatch(): Watch {
  const watch: Watch = { stops: new Set(), listener: () => stopAll(watch) };
  return watch;
}

function stopAll({ stops }: Watch, why?: Thrown): void {
  for (const stop of stops) stop(why);
}

function ignore(): void {}

function notASignal(signal: unknown): Error {
  return mustBe('ERR_KLEIO_ARGUMENT', 'signal', 'an AbortSignal', signal);
}
