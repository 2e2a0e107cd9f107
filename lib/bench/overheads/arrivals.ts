/**
 * Requests that arrive by a clock of their own. The clock is a thread that sleeps until each is due and
 * then sends a message, as a network would: timers of the event loop fire at whole milliseconds, and to
 * wait in the loop itself for what lies between takes a core from what is measured.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** As text, because the bundle of the command line has no other file to start a thread from. */
const CLOCK = `
const { parentPort } = require('node:worker_threads');
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const now = () => Number(process.hrtime.bigint()) / 1e6;
parentPort.on('message', (afterMs) => {
  const begun = now();
  afterMs.forEach((after, request) => {
    const dueMs = begun + after;
    for (let left; (left = dueMs - now()) > 0; ) Atomics.wait(sleeper, 0, 0, left);
    parentPort.postMessage({ request, dueMs });
  });
  parentPort.close();
});
parentPort.postMessage('ready');
`;

/** The clock that `dueMs` is read from, the same for every thread. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;

interface Arrival {
  readonly request: number;
  readonly dueMs: number;
}

/** Calls `arrive` for each request, in order, `afterMs` of the clock's start later; resolves after the last. */
export async function arrivals(
  afterMs: readonly number[],
  arrive: (arrival: Arrival) => void,
): Promise<void> {
  const clock = new Worker(CLOCK, { eval: true });
  await once(clock, 'message');
  clock.on('message', arrive);
  clock.postMessage(afterMs);
  await once(clock, 'exit');
}
