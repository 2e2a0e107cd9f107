/** A caller's function that hears how far a call has come. It is the caller's code: it may throw. */

import type { Stop, Stopper } from './abort.js';
import { hearRejection } from './answers.js';
import { clearInterval, nextTurn, setInterval } from './clock.js';

const EVERY_MS = 100;

/** Calls it now and then while somebody listens; its first failure stops the call and is the last time it is called. */
export class ProgressCalls implements Stopper {
  readonly #onProgress: (done: number) => unknown;
  readonly #share: () => number;
  #failure: { readonly thrown: unknown } | undefined;
  #stop: Stop | undefined;

  constructor(onProgress: (done: number) => unknown, share: () => number) {
    this.#onProgress = onProgress;
    this.#share = share;
  }

  listen(stop: Stop): () => void {
    this.#stop = stop;
    const timer = setInterval(() => this.#tell(this.#share()), EVERY_MS);
    return () => {
      this.#stop = undefined;
      clearInterval(timer);
    };
  }

  /** Says that everything is done, and waits for what is known to have failed by then. Throws it. */
  async finish(): Promise<void> {
    this.#tell(1);
    // A promise that is rejected already says so before the next turn of the event loop.
    await nextTurn();
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }

  #tell(done: number): void {
    if (this.#failure !== undefined) return;
    const onProgress = this.#onProgress;
    try {
      hearRejection(onProgress(done), (thrown) => this.#fail(thrown));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    this.#stop?.(thrown);
  }
}
