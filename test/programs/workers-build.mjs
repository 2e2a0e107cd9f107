// Workers that are terminated while the pool builds histories for them. Run with KLEIO_TEST_TERMINATIONS.
import { isMainThread, parentPort } from 'node:worker_threads';
import { EmbeddingTable, History } from 'kleio';
import { codes, digest, subject } from './subject.mjs';
import { terminatedAfter } from './terminated-worker.mjs';

const TERMINATIONS = Number(process.env.KLEIO_TEST_TERMINATIONS);
/** Histories that a worker has built when it is terminated, at most. */
const MAX_BUILT = 4;
const SIZE = { rows: 5000, dim: 64, length: 200_000 };

function buildForever() {
  const table = EmbeddingTable.from(codes(SIZE.rows * SIZE.dim, 3), { dim: SIZE.dim });
  const rows = Int32Array.from({ length: SIZE.length }, (_, index) => index % SIZE.rows);
  let built = 0;
  const build = async () => {
    (await History.build(table, rows)).close();
    if (++built <= MAX_BUILT) parentPort.postMessage('built');
  };
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
    await terminatedAfter(index % (MAX_BUILT + 1), new URL(import.meta.url));
    const built = await History.build(table, rows);
    if (digest(built.searchSync(Int32Array.of(7), { k: 50 })) !== expected) ++wrong;
    built.close();
  }
  process.stdout.write(JSON.stringify({ terminated: TERMINATIONS, wrong }));
} else {
  buildForever();
}
