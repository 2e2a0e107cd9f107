/** Every call of the public API with arguments that are right, for tests of what else callers may pass. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as kleio from 'kleio';
import { EmbeddingTable, History, IndexTree, Ranker, TreeScorer } from 'kleio';
import { weightsPath } from './muse-golden.js';

const { Auc, Gauc } = kleio;

export interface PublicCall {
  /** `topK`, `History.build` or `history.append`. */
  readonly name: string;
  /** New ones each time: a call may leave them without memory. */
  readonly arguments: () => unknown[];
  readonly call: (...given: never[]) => unknown;
}

type Calls = Readonly<
  Record<string, readonly [call: (...given: never[]) => unknown, given: () => unknown[]]>
>;

const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);

const attention = () => {
  const layer = () => ({ weight: Float32Array.of(1, 0, 0, 1), bias: new Float32Array(2) });
  return {
    target: Float32Array.of(1, 2),
    behaviours: Float32Array.of(1, 2, -2, 1, 0.5, 1),
    scores: [Float32Array.of(0.9, -0.2, 0.8)],
    weights: {
      query: [layer()],
      key: [layer()],
      value: [layer()],
      temperatures: Float32Array.of(0.5),
      gains: Float32Array.of(1, 1, 0.1),
    },
    heads: 1,
    mask: Uint8Array.of(1, 0, 1),
    scale: 1,
    device: 'cpu',
  };
};

const twoTower = () => ({
  tensors: {
    'item.ids': { shape: [4], values: ids(101, 102, 103, 104) },
    'item.embeddings': { shape: [5, 1], values: Float32Array.of(0, 0.1, 0.4, 0.3, 0.2) },
    'node.embeddings': { shape: [4, 1], values: Float32Array.of(0, 0.4, 0.4, 0.3) },
  },
  metadata: { kind: 'two-tower' },
});

const candidates = () => ({
  items: ids(12, 14),
  categories: ids(1, 2),
  cities: Int32Array.of(3, 3),
  provinces: ids(1, 1),
});

const values = () => Int8Array.of(90, 10, 80, 20, 10, 90, 20, 80);
const named = () => EmbeddingTable.from(values(), { dim: 2, ids: ids(101, 102, 103, 104) });
const columns = () => ({ categories: ids(1, 2), times: Float64Array.of(5, 6) });
const scored = () => [Float32Array.of(0.9, 0.2, 0.3), [1, 0, true]];
/** A signal that never says anything. */
const quiet = () => new AbortController().signal;
const search = () => ({
  k: 2,
  by: 'cosine',
  minScore: -1,
  since: 0,
  until: 9,
  exclude: ids(104),
  fields: ['ids', 'sequences', 'times'],
  distinct: true,
  threads: 2,
});

const STATELESS: Calls = {
  topK: [kleio.topK, () => [Int8Array.of(0, 1), values(), { dim: 2, k: 2, dtype: 'int8' }]],
  simTier: [
    kleio.simTier,
    () => [Float32Array.of(0.5, -0.3), { k: 2, weights: new Float32Array(21), eps: 0.1 }],
  ],
  semanticTargetAttention: [kleio.semanticTargetAttention, () => [attention()]],
  auc: [kleio.auc, scored],
  gauc: [kleio.gauc, () => [ids(1, 1, 2), ...scored()]],
  'auc.add': [(...given) => Reflect.apply(Auc.prototype.add, new Auc(), given), scored],
  'gauc.add': [(...given) => Reflect.apply(Gauc.prototype.add, new Gauc(), given), scored],
  'EmbeddingTable.from': [
    EmbeddingTable.from,
    () => [values(), { dim: 2, ids: ids(1, 2, 3, 4), dtype: 'int8', device: 'cpu' }],
  ],
  'TreeScorer.open': [TreeScorer.open, () => [twoTower()]],
};

function historyCalls(table: EmbeddingTable, history: History, bytes: Uint8Array): Calls {
  return {
    searchMany: [
      kleio.searchMany,
      () => [[{ history, targets: Int32Array.of(1), ...search() }], { signal: quiet() }],
    ],
    'EmbeddingTable.fromShared': [EmbeddingTable.fromShared, () => [table.share()]],
    'table.rowsOf': [table.rowsOf.bind(table), () => [ids(101, 7)]],
    'table.read': [table.read.bind(table), () => [Int32Array.of(1, -1)]],
    'table.append': [
      (...given) => {
        const own = named();
        return Reflect.apply(own.append, own, given);
      },
      () => [values(), { ids: ids(101, 202, 203, 204), duplicates: 'last' }],
    ],
    'new History': [
      (...given) => Reflect.construct(History, given),
      () => [table, { capacity: 9 }],
    ],
    'History.build': [
      History.build,
      () => [table, ids(101, 102), { capacity: 9, ...columns(), signal: quiet() }],
    ],
    'history.append': [history.append.bind(history), () => [ids(101, 102), columns()]],
    'history.read': [
      history.read.bind(history),
      () => [{ from: 0, count: 2, fields: ['ids', 'categories'] }],
    ],
    'history.has': [history.has.bind(history), () => [ids(101, 5)]],
    'history.remove': [
      (...given) => {
        const own = new History(table);
        own.append(ids(101, 102), columns());
        return Reflect.apply(own.remove, own, given);
      },
      () => [{ items: ids(101) }],
    ],
    'history.toBytes': [history.toBytes.bind(history), () => [{ packed: true, signal: quiet() }]],
    'History.fromBytes': [
      History.fromBytes,
      () => [table, bytes.slice(), { capacity: 9, signal: quiet() }],
    ],
    'history.onto': [history.onto.bind(history), () => [table, { signal: quiet() }]],
    'history.search': [
      history.search.bind(history),
      () => [Int32Array.of(1), { ...search(), signal: quiet() }],
    ],
    'history.searchSync': [
      history.searchSync.bind(history),
      () => [undefined, { ...search(), by: 'category', categories: ids(1), signal: quiet() }],
    ],
  };
}

async function rankerCalls(): Promise<Calls> {
  const path = weightsPath('muse_a');
  const ranker = await Ranker.open(path);
  const history = ranker.history(ids(11, 12, 13), { categories: ids(1, 1, 2) });
  const request = () => ({
    history,
    user: ids(7, 1, 2, 3, 4, 5),
    candidates: candidates(),
    k: 2,
    threads: 2,
    emptyPlaces: 'mask',
    lifelong: 'cosine',
    interests: true,
    exclude: ids(14),
    fields: ['ids', 'rows'],
  });
  const made = () => [ids(11, 12), { ...columns(), capacity: 9 }];
  return {
    'Ranker.open': [
      Ranker.open,
      () => [path, { k: 2, threads: 1, emptyPlaces: 'mask', device: 'cpu' }],
    ],
    'Ranker.fromShared': [Ranker.fromShared, () => [ranker.share()]],
    'ranker.history': [ranker.history.bind(ranker), made],
    'ranker.buildHistory': [ranker.buildHistory.bind(ranker), made],
    'ranker.rank': [ranker.rank.bind(ranker), () => [{ ...request(), signal: quiet() }]],
    'ranker.rankSync': [ranker.rankSync.bind(ranker), () => [request()]],
    'ranker.rankMany': [
      ranker.rankMany.bind(ranker),
      () => [[request(), request()], { signal: quiet() }],
    ],
  };
}

async function treeCalls(table: EmbeddingTable, history: History, saved: string): Promise<Calls> {
  const tree = await IndexTree.build(table);
  await tree.save(saved);
  const scorer = await TreeScorer.open(twoTower());
  const found = await tree.search({ user: Float32Array.of(0, 1), beam: 1, n: 2, beams: true });
  const asked = () => ({
    scorer,
    history,
    user: Float32Array.of(1),
    beam: 1,
    n: 2,
    startLevel: 0,
    allow: ids(101, 102),
    block: ids(104),
    lists: 'both',
    beams: true,
    threads: 1,
    signal: quiet(),
  });
  /** Of a tree of its own, which no other call sees changed. */
  const changed =
    (change: 'insert' | 'remove') =>
    async (...given: never[]) => {
      const own = await IndexTree.build(named());
      return Reflect.apply(own[change], own, given);
    };
  const names = { values: 'items.embeddings', ids: 'items.ids' };
  return {
    'EmbeddingTable.open': [
      EmbeddingTable.open,
      () => [saved, { names: { ...names }, dtype: 'int8', device: 'cpu' }],
    ],
    'IndexTree.build': [
      IndexTree.build,
      () => [table, { split: 'plain', seed: 1, threads: 1, onProgress() {}, signal: quiet() }],
    ],
    'IndexTree.open': [IndexTree.open, () => [saved]],
    'IndexTree.fromShared': [IndexTree.fromShared, () => [tree.share()]],
    'TreeScorer.fromShared': [TreeScorer.fromShared, () => [scorer.share()]],
    'tree.save': [tree.save.bind(tree), () => [saved]],
    'tree.search': [tree.search.bind(tree), () => [asked()]],
    'tree.hierarchicalRecall': [
      tree.hierarchicalRecall.bind(tree),
      () => [structuredClone({ items: found.items, levels: found.levels }), ids(101)],
    ],
    'tree.insert': [changed('insert'), () => [ids(105), Int8Array.of(1, 99)]],
    'tree.remove': [changed('remove'), () => [ids(101)]],
  };
}

/** The calls, and what ends what they are made of. The process is in a folder of its own until then: paths are files. */
export async function publicCalls(): Promise<{ calls: PublicCall[]; close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-calls-'));
  const before = process.cwd();
  process.chdir(folder);
  const table = named();
  const history = new History(table);
  history.append(Int32Array.of(0, 1, 2, 0), {
    categories: ids(1, 2, 1, 2),
    times: Float64Array.of(1, 2, 3, 4),
  });
  const calls: Calls = {
    ...STATELESS,
    ...historyCalls(table, history, await history.toBytes()),
    ...(await rankerCalls()),
    ...(await treeCalls(table, history, join(folder, 'saved.tree'))),
  };
  return {
    calls: Object.entries(calls).map(([name, [call, given]]) => ({ name, call, arguments: given })),
    close: () => {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    },
  };
}
