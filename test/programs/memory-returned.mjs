// What a process takes before, with, and within a second after closing of KLEIO_TEST_KIND. Run with --expose-gc.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { EmbeddingTable, History, IndexTree } from 'kleio';
import { collected, nativeBytes } from './live-memory.mjs';
import { codes } from './subject.mjs';

const DIM = 64;
const ROWS = 20_000;
const values = codes(ROWS * DIM, 3);
const rows = Int32Array.from({ length: ROWS }, (_, index) => index);
const table = EmbeddingTable.from(values, { dim: DIM });

function filled(count = ROWS, over = table) {
  const history = new History(over);
  history.append(count === ROWS ? rows : rows.subarray(0, count));
  return history;
}

const eachOf = (things, method) => () => {
  for (const thing of things) thing[method]();
};

/** Each makes what takes memory, and gives what closes it. */
const KINDS = {
  async histories() {
    const histories = Array.from({ length: 100 }, () => filled());
    return eachOf(histories, 'close');
  },
  async 'histories that the collector finds'() {
    let histories = Array.from({ length: 100 }, () => filled());
    return () => {
      histories = histories.slice(0, 0);
    };
  },
  async 'histories that are cleared'() {
    const histories = Array.from({ length: 100 }, () => filled());
    return eachOf(histories, 'clear');
  },
  async 'many small histories'() {
    const histories = Array.from({ length: 20_000 }, (_, index) => filled(10 + (index % 50)));
    return eachOf(histories, 'close');
  },
  async 'histories of floats, searched'() {
    const floats = EmbeddingTable.from(Float32Array.from(values), { dim: DIM });
    const histories = Array.from({ length: 40 }, () => filled(ROWS, floats));
    const targets = Float32Array.from(values.subarray(0, 20 * DIM));
    await Promise.all(histories.map((history) => history.search(targets, { k: 50 })));
    return () => {
      for (const history of histories) history.close();
      floats.close();
    };
  },
  async 'built histories'() {
    const histories = await Promise.all(
      Array.from({ length: 100 }, () => History.build(table, rows)),
    );
    return eachOf(histories, 'close');
  },
  async 'small tables with ids'() {
    const ids = BigInt64Array.from({ length: ROWS }, (_, index) => BigInt(index));
    const tables = Array.from({ length: 50 }, () => EmbeddingTable.from(values, { dim: DIM, ids }));
    return eachOf(tables, 'close');
  },
  async 'what searches of a large K worked with'() {
    const history = filled();
    const targets = values.subarray(0, 60 * DIM);
    await Promise.all(Array.from({ length: 6 }, () => history.search(targets, { k: ROWS })));
    return () => history.close();
  },
  async 'trees, changed and saved'() {
    const folder = mkdtempSync(join(tmpdir(), 'kleio-returned-'));
    const trees = await Promise.all(Array.from({ length: 12 }, () => IndexTree.build(table)));
    for (const tree of trees) {
      const ids = BigInt64Array.from({ length: 100 }, (_, index) => BigInt(ROWS + index));
      await tree.insert(ids, values.subarray(0, 100 * DIM));
      await tree.remove(BigInt64Array.of(1n, 2n, 3n));
      await tree.save(join(folder, 'a.tree'));
      trees.push(await IndexTree.open(join(folder, 'a.tree')));
      if (trees.length >= 20) break;
    }
    rmSync(folder, { recursive: true });
    return eachOf(trees, 'close');
  },
};

async function measure(kind) {
  (await KINDS[kind]())(); // code is compiled and has run once
  await collected();
  await wait(1000);
  const before = nativeBytes();
  const close = await KINDS[kind]();
  await collected();
  const most = nativeBytes();
  close();
  await collected();
  await wait(1000);
  return { before, most, after: nativeBytes() };
}

const kind = process.env.KLEIO_TEST_KIND;
if (isMainThread && process.env.KLEIO_TEST_WORKER) {
  const worker = new Worker(new URL(import.meta.url), { workerData: kind });
  worker.on('message', (measured) => process.stdout.write(JSON.stringify(measured)));
} else {
  const measured = await measure(kind ?? workerData);
  if (isMainThread) process.stdout.write(JSON.stringify(measured));
  else (await import('node:worker_threads')).parentPort.postMessage(measured);
}
