// Eight workers over one table: one mapped file, one SharedArrayBuffer. All must agree with the main thread.
// Run with KLEIO_TEST_ROUNDS.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EmbeddingTable, History } from 'kleio';
import { codes, device, digest } from './subject.mjs';

const ROWS = 10_000;
const DIM = 64;
const WORKERS = 8;
const ROUNDS = Number(process.env.KLEIO_TEST_ROUNDS);

async function digestsOf(shared, path) {
  const tables = [
    EmbeddingTable.from(shared, { dim: DIM, device }),
    await EmbeddingTable.open(path, { device }),
  ];
  const targets = shared.subarray(0, 20 * DIM);
  const digests = new Set();
  for (const table of tables) {
    const history = new History(table);
    history.append(Int32Array.from({ length: 20_000 }, (_, index) => (index * 7919) % ROWS));
    for (let round = 0; round < ROUNDS; ++round) {
      digests.add(digest(history.searchSync(targets, { k: 20 })));
      const both = [history.search(targets, { k: 20 }), history.search(targets, { k: 20 })];
      for (const kept of await Promise.all(both)) digests.add(digest(kept));
    }
    history.close();
    table.close();
  }
  return [...digests];
}

function npy(values) {
  const header = `{'descr': '|i1', 'fortran_order': False, 'shape': (${ROWS}, ${DIM}), }`.padEnd(
    117,
  );
  const magic = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  return Buffer.concat([magic, Buffer.from(`${header}\n`), values]);
}

if (isMainThread) {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-workers-'));
  const path = join(folder, 'items.npy');
  const shared = new Int8Array(new SharedArrayBuffer(ROWS * DIM));
  shared.set(codes(ROWS * DIM, 3));
  writeFileSync(path, npy(Buffer.from(shared)));
  const answers = Array.from(
    { length: WORKERS },
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url), { workerData: { shared, path } });
        worker.once('message', resolve);
        worker.once('error', reject);
      }),
  );
  const all = [await digestsOf(shared, path), ...(await Promise.all(answers))].flat();
  rmSync(folder, { recursive: true });
  process.stdout.write(JSON.stringify({ workers: WORKERS, answers: new Set(all).size }));
} else {
  parentPort.postMessage(await digestsOf(workerData.shared, workerData.path));
}
