// Workers that search one device at once; half of them are terminated in the middle.
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { codes, digest, subject } from './subject.mjs';

const WORKERS = 24;
const AT_ONCE = 4;
const SIZE = { rows: 300, dim: 16, length: 900 };
const targets = codes(3 * SIZE.dim, 5);

/** Whether the worker answered as expected; undefined for one that was terminated. */
async function run(index, expected) {
  const endless = index % 2 === 1;
  const worker = new Worker(new URL(import.meta.url), { workerData: endless });
  const message = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const answer = await message;
  if (!endless) return answer === expected;
  await pause(index % 7);
  await worker.terminate();
  return undefined;
}

async function searchIn(endless) {
  const { history } = subject(SIZE);
  const first = digest(await history.search(targets, { k: 9 }));
  parentPort.postMessage(first);
  const running = () => history.search(targets, { k: 9 }).then(running, running);
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
