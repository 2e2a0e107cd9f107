// Workers that are terminated in the middle of asynchronous and synchronous searches, appends and
// refusals (native code that throws while its environment dies).
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { codes, digest, subject } from './subject.mjs';

const TERMINATIONS = 200;
const AT_ONCE = 4;
const SIZE = { rows: 5000, dim: 64, length: 20_000 };
const targets = codes(100 * SIZE.dim, 5);

async function terminateOne(index) {
  const worker = new Worker(new URL(import.meta.url), { workerData: index % 4 });
  const failure = new Promise((_, reject) => worker.once('error', reject));
  failure.catch(() => undefined);
  await Promise.race([new Promise((resolve) => worker.once('message', resolve)), failure]);
  await pause(index % 7);
  await worker.terminate();
}

function workForever(kind) {
  const { history } = subject(SIZE);
  const running = () => history.search(targets, { k: 50 }).then(running, running);
  for (let search = 0; search < 10; ++search) running();
  parentPort.postMessage('running');
  if (kind === 1) for (;;) history.searchSync(targets, { k: 50 });
  if (kind === 2) for (;;) history.append(Int32Array.from({ length: 100 }, (_, row) => row));
  if (kind === 3) for (;;) refused(history);
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
