// A worker of a soak: searches, synchronously and on the pool, until it is told to leave or ended. Says of
// each round whether both gave the same.
import { parentPort, workerData } from 'node:worker_threads';
import { codes, digest, subject } from '../programs/subject.mjs';

const DIM = 32;
const { table, history } = subject({ rows: 1000, dim: DIM, length: 5000, seed: workerData });
const targets = codes(10 * DIM, workerData);
let staying = true;
parentPort.once('message', () => {
  staying = false;
});

const search = () =>
  history.search(targets, { k: 10 }).catch((error) => {
    if (error.code !== 'ERR_KLEIO_QUEUE_FULL') throw error;
    return search();
  });

while (staying) {
  history.append(Int32Array.of(1, 2, 3));
  const expected = digest(history.searchSync(targets, { k: 10 }));
  const found = await Promise.all([search(), search(), search()]);
  parentPort.postMessage(found.every((kept) => digest(kept) === expected));
}
history.close();
table.close();
