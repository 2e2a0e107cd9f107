// Workers that search one device at once; half of them are terminated in the middle. Run with
// KLEIO_TEST_WORKERS.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { codes, digest, subject } from './subject.mjs';
import { terminatedAfter } from './terminated-worker.mjs';

const WORKERS = Number(process.env.KLEIO_TEST_WORKERS);
/** Searches that an endless worker has had answered when it is terminated, at most. */
const MAX_STEPS = 6;
const AT_ONCE = 4;
const SIZE = { rows: 300, dim: 16, length: 900 };
const targets = codes(3 * SIZE.dim, 5);

/** Whether the worker answered as expected; undefined for one that was terminated. */
async function run(index, expected) {
  const url = new URL(import.meta.url);
  if (index % 2 === 1) {
    await terminatedAfter(index % (MAX_STEPS + 1), url, { workerData: true });
    return undefined;
  }
  const [answer] = await once(new Worker(url, { workerData: false }), 'message');
  return answer === expected;
}

async function searchIn(endless) {
  const { history } = subject(SIZE);
  const first = digest(await history.search(targets, { k: 9 }));
  parentPort.postMessage(first);
  let steps = 0;
  const again = () => {
    if (++steps <= MAX_STEPS) parentPort.postMessage('step');
    return running();
  };
  const running = () => history.search(targets, { k: 9 }).then(again, again);
  if (endless) for (let search = 0; search < 6; ++search) running();
}

if (isMainThread) {
  const { history } = subject(SIZE);
  const expected = digest(history.searchSync(targets, { k: 9 }));
  const answers = [];
  let next = 0;
  const lane = async () => {
    while (next < WORKERS) answers.push(await run(next++, expected));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const afterwards = digest(history.searchSync(targets, { k: 9 })) === expected;
  const wrong = answers.filter((answer) => answer === false).length;
  process.stdout.write(JSON.stringify({ workers: answers.length, wrong, afterwards }));
} else {
  await searchIn(workerData);
}
