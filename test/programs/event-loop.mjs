// What JavaScript can do while the only thread of the pool searches. Run with KLEIO_THREADS=1.
import { setImmediate as turn } from 'node:timers/promises';
import { holdThread, isPending } from './held-thread.mjs';

const { history, held, release } = await holdThread();
const { length } = history;

let turns = 0;
while (turns < 20) {
  await turn();
  turns += 1;
}
for (let batch = 0; batch < 50; batch += 1) history.append(Int32Array.of(1, 2, 3));
const appended = history.length - length;
const stillRunning = await isPending(held);

// The next one waits for the thread, and sees the history as it was when called.
const next = history.search(Int32Array.of(5), { k: 7, by: 'dot' });
history.append(Int32Array.of(4));
await turn();
const nextWaits = await isPending(next);

release('no longer needed');
const reason = await held.catch((given) => given);
const { positions } = await next;
const newest = Array.from(positions, (position) => position - length - appended + 1);
process.stdout.write(JSON.stringify({ turns, appended, stillRunning, nextWaits, reason, newest }));
