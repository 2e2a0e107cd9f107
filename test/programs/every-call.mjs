// Every call that is asynchronous, ready to be made again and again: for what holds of all of them. Wants
// RANKER_WEIGHTS.
import { join } from 'node:path';
import { EmbeddingTable, History, IndexTree, Ranker, searchMany, TreeScorer } from 'kleio';
import { codes, subject } from './subject.mjs';

const ids = (...numbers) => BigInt64Array.from(numbers, BigInt);
const ROWS = 300;
const DIM = 16;

/** Calls by their names; `folder` is where they write files of their own. */
export async function everyCall(folder) {
  const { table, history } = subject({ rows: ROWS, dim: DIM, length: 900 });
  return {
    ...callsOfHistories(table, history),
    ...(await callsOfRankers()),
    ...(await callsOfTrees(table, folder)),
  };
}

function callsOfHistories(table, history) {
  const targets = codes(3 * DIM, 5);
  return {
    'History#search': () => history.search(targets, { k: 5 }),
    searchMany: () => searchMany([{ history, targets, k: 5 }]),
    'History.build': () => History.build(table, Int32Array.of(1, 2, 3)),
  };
}

async function callsOfRankers() {
  const weights = process.env.RANKER_WEIGHTS;
  const ranker = await Ranker.open(weights);
  const request = {
    history: ranker.history(ids(1, 2, 3)),
    user: ids(1, 1, 2, 3, 4, 5),
    candidates: {
      ...{ items: ids(1, 7), categories: ids(1, 2), cities: ids(1, 1), provinces: ids(1, 1) },
    },
  };
  return {
    'Ranker.open': () => Ranker.open(weights),
    'Ranker#rank': () => ranker.rank(request),
    'Ranker#rankMany': () => ranker.rankMany([request, request]),
    'Ranker#buildHistory': () => ranker.buildHistory(ids(1, 2, 3)),
    // A model holds a table of its items' embeddings.
    'EmbeddingTable.open': () => EmbeddingTable.open(weights),
  };
}

async function callsOfTrees(table, folder) {
  const tree = await IndexTree.build(table);
  const saved = join(folder, 'saved.tree');
  await tree.save(saved);
  const user = new Float32Array(DIM).fill(1);
  const towers = {
    tensors: {
      'item.ids': { shape: [1], values: ids(0) },
      'item.embeddings': { shape: [2, 1], values: Float32Array.of(0, 1) },
      'node.embeddings': { shape: [1, 1], values: Float32Array.of(0) },
    },
    metadata: { kind: 'two-tower' },
  };
  let fresh = ROWS;
  let written = 0;
  return {
    'IndexTree.build': () => IndexTree.build(table),
    'IndexTree.open': () => IndexTree.open(saved),
    'IndexTree#search': () => tree.search({ user, beam: 5, n: 3 }),
    'IndexTree#quality': () => tree.quality(),
    'IndexTree#insert': () => tree.insert(ids(fresh++), codes(DIM, fresh)),
    'IndexTree#remove': () => tree.remove(ids(7)),
    'IndexTree#save': () => tree.save(join(folder, `${written++}.tree`)),
    'TreeScorer.open': () => TreeScorer.open(towers),
  };
}
