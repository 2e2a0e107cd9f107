// Who hears of a refusal, and when, while the only thread of the pool is taken. Run with KLEIO_THREADS=1,
// KLEIO_QUEUE=1 and any KLEIO_REFUSAL_MS.
import { setImmediate as turn } from 'node:timers/promises';
import { holdThread, isPending } from './held-thread.mjs';

const { history, held, release } = await holdThread();
const ask = (signal) => {
  const call = history.search(Int32Array.of(5), { k: 7, by: 'dot', signal });
  call.catch(() => undefined);
  return call;
};
const codeOf = async (call) => (await call.catch((error) => error)).code ?? 'answered';
const isTold = async (call) => !(await isPending(call));

const leaving = new AbortController();
const filler = ask(leaving.signal);
const tired = new AbortController();
const [first, impatient, second] = [ask(), ask(tired.signal), ask()];
// After all that promises have to do, before the event loop turns.
await new Promise(process.nextTick);
const atOnce = await isTold(first);
for (let turns = 0; turns < 20; ++turns) await turn();
const later = await isTold(first);

// One that aborts was refused before.
tired.abort();
const aborted = await codeOf(impatient);
// A place becomes free: the first is told of it, and only the first.
leaving.abort();
const place = await codeOf(first);
const again = ask();
for (let turns = 0; turns < 20; ++turns) await turn();
const others = await isTold(second);
release();
await held.catch(() => undefined);
const answers = [await codeOf(again), await codeOf(second)];
await codeOf(filler);
process.stdout.write(JSON.stringify({ atOnce, later, aborted, place, others, answers }));
