// Workers that are terminated in the middle of asynchronous and synchronous searches, appends and
// refusals (native code that throws while its environment dies). Run with KLEIO_TEST_TERMINATIONS.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { codes, digest, subject } from './subject.mjs';
import { terminatedAfter } from './terminated-worker.mjs';

const TERMINATIONS = Number(process.env.KLEIO_TEST_TERMINATIONS);
const AT_ONCE = 4;
/** Steps of its work after which a worker is terminated, at most. */
const MAX_STEPS = 6;
const SIZE = { rows: 5000, dim: 64, length: 20_000 };
const targets = codes(100 * SIZE.dim, 5);

const terminateOne = (index) =>
  terminatedAfter(index % (MAX_STEPS + 1), new URL(import.meta.url), { workerData: index % 4 });

let steps = 0;
const step = () => {
  if (steps++ <= MAX_STEPS) parentPort.postMessage('step');
};

function workForever(kind) {
  const { history } = subject(SIZE);
  const again = () => {
    step();
    return running();
  };
  const running = () => history.search(targets, { k: 50 }).then(again, again);
  for (let search = 0; search < 10; ++search) running();
  step();
  if (kind === 1) for (; ; step()) history.searchSync(targets, { k: 50 });
  if (kind === 2) for (; ; step()) grow(history);
  if (kind === 3) for (; ; step()) refused(history);
}

/** For however long it takes until the worker is terminated: without end, and within bounds. */
function grow(history) {
  if (history.length > 10 * SIZE.length) history.clear();
  history.append(Int32Array.from({ length: 100 }, (_, row) => row));
}

function refused(history) {
  try {
    history.append(Int32Array.of(1_000_000));
  } catch (error) {
    if (error.code !== 'ERR_KLEIO_RANGE') throw error;
  }
}

if (isMainThread) {
  const { history } = subject(SIZE);
  const expected = digest(history.searchSync(targets, { k: 50 }));
  let terminated = 0;
  let wrong = 0;
  const lane = async () => {
    while (terminated < TERMINATIONS) {
      const index = terminated++;
      await terminateOne(index);
      // The pool that they shared still serves this thread.
      if (digest(await history.search(targets, { k: 50 })) !== expected) ++wrong;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  process.stdout.write(JSON.stringify({ terminated, wrong }));
} else {
  workForever(workerData);
}
