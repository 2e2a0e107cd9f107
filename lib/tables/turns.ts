/** Long work on the event loop that lets it turn. */

import { timers } from '../support/node-builtins.js';

/** How long it may keep the loop at a time. */
const TURN_MS = 5;

export class Turns {
  #began = performance.now();

  /** After each step, which may be long: whether the loop should turn now, by `await turns.next()`. */
  isDue(): boolean {
    return performance.now() - this.#began > TURN_MS;
  }

  async next(): Promise<void> {
    await timers.setImmediate();
    this.#began = performance.now();
  }
}
