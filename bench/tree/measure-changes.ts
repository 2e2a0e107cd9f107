/** Build, insert and remove: time, memory, and whether what was inserted is found as after a new build. */

import type { EmbeddingTable, IndexTree } from '../../lib/index.js';
import { DIM } from './planted-corpus.js';
import type { TreeSetting } from './setting.js';

const RETURNED = 800;
const QUERIES = 50;

export interface ChangesReport {
  readonly items: number;
  readonly buildSeconds: number;
  /** Of a build: the most memory beyond what there was before it, over the table's bytes, table included. */
  readonly memoryOverTable: number;
  readonly inserted: number;
  readonly insertSeconds: number;
  readonly insertOneSeconds: number;
  readonly removeSeconds: number;
  readonly saveSeconds: number;
  readonly openSeconds: number;
  /** Share of the nearest new items that a beam of 800 finds: after inserting, after a new build. */
  readonly recallOfNew: { readonly inserted: number; readonly rebuilt: number };
}

export async function measureChanges(setting: TreeSetting): Promise<ChangesReport> {
  const { kleio, corpus, table } = setting;
  const inserted = Math.max(Math.floor(corpus.items / 100), 1);
  const kept = corpus.items - inserted;
  const memoryOverTable = await buildMemory(setting);
  // The last hundredth comes later.
  const part = kleio.EmbeddingTable.from(corpus.codes.subarray(0, kept * DIM), { dim: DIM });
  using tree = await kleio.IndexTree.build(part, { seed: 1 });
  const ids = BigInt64Array.from({ length: inserted }, (_, at) => BigInt(kept + at));
  const values = corpus.codes.slice(kept * DIM);
  const insertSeconds = await secondsOf(() => tree.insert(ids, values));
  const rebuilt = await kleio.IndexTree.build(table, { seed: 1 });
  const recallOfNew = {
    inserted: await recallOf(setting, tree, kept),
    rebuilt: await recallOf(setting, rebuilt, kept),
  };
  rebuilt.close();
  const one = BigInt64Array.of(BigInt(corpus.items));
  const insertOneSeconds = await secondsOf(() => tree.insert(one, values.slice(0, DIM)));
  const saveSeconds = await secondsOf(() => tree.save(setting.path('changed.tree')));
  const openSeconds = await secondsOf(async () => {
    (await kleio.IndexTree.open(setting.path('changed.tree'))).close();
  });
  const removeSeconds = await secondsOf(() => tree.remove(ids));
  return {
    items: corpus.items,
    buildSeconds: setting.buildSeconds,
    memoryOverTable,
    inserted,
    insertSeconds,
    insertOneSeconds,
    removeSeconds,
    saveSeconds,
    openSeconds,
    recallOfNew,
  };
}

async function secondsOf(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await call();
  return (performance.now() - started) / 1000;
}

async function buildMemory({ kleio, table }: TreeSetting): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  const tree = await kleio.IndexTree.build(table, { seed: 1 });
  most = Math.max(most, process.memoryUsage.rss());
  clearInterval(timer);
  tree.close();
  return 1 + (most - before) / bytesOf(table);
}

const bytesOf = (table: EmbeddingTable) => table.byteLength;

/** Queries are new items; what should be found are the new items of largest inner product. */
async function recallOf(
  { corpus }: TreeSetting,
  tree: IndexTree,
  firstNew: number,
): Promise<number> {
  let found = 0;
  let wanted = 0;
  const step = Math.max(Math.floor((corpus.items - firstNew) / QUERIES), 1);
  for (let item = firstNew; item < corpus.items; item += step) {
    const user = Float32Array.from(corpus.codes.subarray(item * DIM, (item + 1) * DIM));
    const all = await tree.search({ user, beam: Number.POSITIVE_INFINITY, n: RETURNED });
    const beam = await tree.search({ user, beam: RETURNED, n: RETURNED });
    const returned = new Set(beam.items);
    for (const id of all.items) {
      if (id < BigInt(firstNew)) continue;
      ++wanted;
      if (returned.has(id)) ++found;
    }
  }
  return found / Math.max(wanted, 1);
}
