// Workers that share the pool, each with more clients than the queue holds. Run with KLEIO_THREADS=2,
// KLEIO_QUEUE=2 and KLEIO_REFUSAL_MS of a day.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { closedLoops } from './closed-loops.mjs';
import { codes, digest, subject } from './subject.mjs';

const WORKERS = 3;
const CLIENTS = 8;
const TIMES = 20;

async function overloaded() {
  const { history } = subject({ rows: 1000, dim: 64, length: 3000 });
  const targets = codes(10 * 64, 5);
  const expected = digest(history.searchSync(targets, { k: 20 }));
  let wrong = 0;
  const search = async () => {
    if (digest(await history.search(targets, { k: 20 })) !== expected) wrong += 1;
  };
  const { answered, refused } = await closedLoops(new Array(CLIENTS).fill(search), TIMES);
  return { answered: answered.reduce((sum, count) => sum + count, 0), refused, wrong };
}

if (isMainThread) {
  const workers = Array.from({ length: WORKERS }, () => new Worker(new URL(import.meta.url)));
  const messages = workers.map((worker) => once(worker, 'message'));
  const mine = await overloaded();
  const all = [mine, ...(await Promise.all(messages)).flat()];
  const sum = (of) => all.reduce((total, counts) => total + counts[of], 0);
  const calls = all.length * CLIENTS * TIMES;
  process.stdout.write(
    JSON.stringify({
      environments: all.length,
      calls,
      answered: sum('answered'),
      refused: sum('refused'),
      wrong: sum('wrong'),
    }),
  );
} else {
  parentPort.postMessage(await overloaded());
}
