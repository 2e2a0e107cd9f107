// Workers that are terminated while the pool builds histories for them.
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { EmbeddingTable, History } from 'kleio';
import { codes, digest, subject } from './subject.mjs';

const TERMINATIONS = 24;
const SIZE = { rows: 5000, dim: 64, length: 200_000 };

function buildForever() {
  const table = EmbeddingTable.from(codes(SIZE.rows * SIZE.dim, 3), { dim: SIZE.dim });
  const rows = Int32Array.from({ length: SIZE.length }, (_, index) => index % SIZE.rows);
  const build = () => History.build(table, rows).then((history) => history.close());
  const again = () => build().then(again, again);
  for (let lane = 0; lane < 3; ++lane) again();
  parentPort.postMessage('running');
}

if (isMainThread) {
  const { table, history } = subject(SIZE);
  const expected = digest(history.searchSync(Int32Array.of(7), { k: 50 }));
  const rows = Int32Array.from({ length: SIZE.length }, (_, index) => (index * 7919) % SIZE.rows);
  let wrong = 0;
  for (let index = 0; index < TERMINATIONS; ++index) {
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await pause(index % 5);
    await worker.terminate();
    const built = await History.build(table, rows);
    if (digest(built.searchSync(Int32Array.of(7), { k: 50 })) !== expected) ++wrong;
    built.close();
  }
  process.stdout.write(JSON.stringify({ terminated: TERMINATIONS, wrong }));
} else {
  buildForever();
}
