/**
 * The clock and the turns of the event loop, as they were when this package was loaded: a test runner may give its
 * global objects others, which stand still, or none.
 */

import { performance, timers } from './node-builtins.js';

export const { setTimeout, clearTimeout, setInterval, clearInterval } = timers;

const { setImmediate } = timers;
const { now: millisecondsNow } = Date;

/** Milliseconds since 1970, as file systems stamp files. */
export const timeOfDay = (): number => millisecondsNow();

/** Milliseconds since some time. */
export const elapsedMs: () => number = performance.now.bind(performance);

/** Lets the event loop turn once. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
