/** Long work on the event loop that lets it turn. */

import { timers } from '../support/node-builtins.js';

/** How long it may keep the loop at a time. */
const TURN_MS = 5;

/** Asking the clock is not free. */
const STEPS = 256;

export class Turns {
  #began = performance.now();
  #steps = 0;

  /** After each step: whether the loop should turn now, by `await turns.next()`. */
  isDue(): boolean {
    this.#steps += 1;
    return this.#steps % STEPS === 0 && performance.now() - this.#began > TURN_MS;
  }

  async next(): Promise<void> {
    await timers.setImmediate();
    this.#began = performance.now();
  }
}
