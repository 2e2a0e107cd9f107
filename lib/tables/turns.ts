/** Long work on the event loop that lets it turn. */

import { elapsedMs, nextTurn } from '../support/clock.js';

/** How long it may keep the loop at a time. */
const TURN_MS = 5;

export class Turns {
  #began = elapsedMs();

  /** After each step, which may be long: whether the loop should turn now, by `await turns.next()`. */
  isDue(): boolean {
    return elapsedMs() - this.#began > TURN_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#began = elapsedMs();
  }
}
