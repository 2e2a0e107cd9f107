// Calls whose answers are arithmetic, over numbers of which some are subnormal in their type or become so on the
// way. Each gives what is compared, or the error's code.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Auc,
  auc,
  EmbeddingTable,
  gauc,
  History,
  IndexTree,
  Ranker,
  searchMany,
  semanticTargetAttention,
  simTier,
  TreeScorer,
  topK,
} from 'kleio';
import { requestOf, requests, weights } from './asked-rankings.mjs';

const ROWS = 600;
const DIM = 20;
const K = 25;

/** Bits of an element type: which array holds them, and which of them are numbers below 1, the least included. */
const TYPES = {
  int8: { array: Int8Array, mask: 0xff, of: 8 },
  float8: { array: Uint8Array, mask: 0x9f, of: 8 },
  float16: { array: Uint16Array, mask: 0x87ff, of: 16 },
  bfloat16: { array: Uint16Array, mask: 0x80ff, of: 16 },
  float32: { array: Uint32Array, mask: 0x80ffffff, of: 32 },
};

function bitsOf(type, count, seed) {
  const { array, mask, of } = TYPES[type];
  const bits = new array(count);
  let state = seed | 1;
  for (let index = 0; index < count; ++index) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    bits[index] = (of === 32 ? state ^ (state >>> 16) : state >>> (32 - of)) & mask;
  }
  return type === 'float32' ? new Float32Array(bits.buffer) : bits;
}

const coded = async (call) => {
  try {
    return await call();
  } catch (error) {
    return error.code;
  }
};

/** Scores of numbers that are subnormal as float64 and as float32. */
const tinyScores = new Float32Array(Uint32Array.of(1, 2, 3, 0x80000002, 0, 7, 9, 5).buffer);
const tinyDoubles = new Float64Array(BigUint64Array.of(1n, 2n, 3n, 9n, 0n, 7n, 4n, 5n).buffer);
const labels = [0, 1, 0, 0, 1, 1, 1, 0];
const users = BigInt64Array.of(1n, 1n, 1n, 1n, 2n, 2n, 2n, 2n);

export async function prepared() {
  return { ...ofEveryType(), ...(await ofRankers()), ...(await ofTrees()), ...ofParts() };
}

function ofEveryType() {
  const calls = {};
  for (const type of Object.keys(TYPES)) {
    const values = bitsOf(type, ROWS * DIM, 3);
    const targets = bitsOf(type, 9 * DIM, 5);
    const rows = Int32Array.from({ length: 2 * ROWS }, (_, index) => (index * 7919) % ROWS);
    const times = new Float64Array(
      BigUint64Array.from({ length: 2 * ROWS }, (_, index) => BigInt(index)).buffer,
    );
    const since = times[ROWS];
    const table = () => EmbeddingTable.from(values, { dim: DIM, dtype: type });
    const filled = () => {
      const history = new History(table());
      for (let begin = 0; begin < rows.length; begin += 400) {
        history.append(rows.subarray(begin, begin + 400), {
          times: times.subarray(begin, begin + 400),
        });
      }
      return history;
    };
    Object.assign(calls, {
      [`${type} topK`]: () => topK(targets, values, { dim: DIM, k: K, dtype: type }),
      [`${type} searchSync`]: () => filled().searchSync(targets, { k: K }),
      [`${type} search`]: () => filled().search(targets, { k: K }),
      [`${type} search by dot`]: () =>
        filled().search(targets, { k: K, by: 'dot', minScore: 1e-42 }),
      [`${type} search since`]: () => filled().searchSync(targets, { k: K, since }),
      [`${type} searchMany`]: () =>
        searchMany([filled(), filled()].map((history) => ({ history, targets, k: K }))),
      [`${type} build`]: async () =>
        (await History.build(table(), rows, { times })).search(targets, { k: K }),
      [`${type} a fault`]: () => coded(() => filled().searchSync(targets, { k: 0 })),
      [`${type} another`]: () => coded(() => filled().search(targets.subarray(1), { k: 1 })),
    });
  }
  return calls;
}

async function ofRankers() {
  const calls = {};
  requests.forEach((request, index) => {
    calls[`rank ${index}`] = async () => {
      const ranker = await Ranker.open(weights);
      const asked = { interests: true, ...requestOf(ranker, request) };
      return [await ranker.rank(asked), ranker.rankSync(asked)];
    };
  });
  return calls;
}

async function ofTrees() {
  const calls = {};
  for (const type of Object.keys(TYPES)) {
    const values = bitsOf(type, ROWS * DIM, 7);
    const built = () =>
      IndexTree.build(EmbeddingTable.from(values, { dim: DIM, dtype: type }), { seed: 3 });
    calls[`${type} tree`] = async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kleio-float-'));
      try {
        const tree = await built();
        const ids = BigInt64Array.from({ length: 5 }, (_, index) => BigInt(ROWS + index));
        await tree.insert(ids, bitsOf(type, 5 * DIM, 9));
        await tree.remove(BigInt64Array.of(3n, 4n, 5n));
        await tree.save(join(folder, 'a.tree'));
        const user = bitsOf('float32', DIM, 11);
        const found = await tree.search({ user, beam: 8, n: 20 });
        return [readFileSync(join(folder, 'a.tree')), found.items, found.logits];
      } finally {
        rmSync(folder, { recursive: true });
      }
    };
  }
  const tensors = {
    'item.ids': { shape: [4], values: BigInt64Array.of(0n, 1n, 2n, 3n) },
    'item.embeddings': { shape: [5, 2], values: bitsOf('float32', 10, 13) },
    'node.embeddings': { shape: [4, 2], values: bitsOf('float32', 8, 15) },
  };
  calls['two towers'] = async () => {
    const table = EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 });
    const tree = await IndexTree.build(table);
    const scorer = await TreeScorer.open({ tensors, metadata: { kind: 'two-tower' } });
    const user = Float32Array.of(1, 2);
    const found = await tree.search({ scorer, user, beam: 2, n: 4 });
    return [found.items, found.logits];
  };
  return calls;
}

function ofParts() {
  const layer = { weight: bitsOf('float32', DIM * DIM, 17), bias: bitsOf('float32', DIM, 19) };
  const attention = {
    target: bitsOf('float32', DIM, 21),
    behaviours: bitsOf('float32', 12 * DIM, 23),
    scores: bitsOf('float32', 12, 25),
    weights: {
      query: [layer],
      key: [layer],
      value: [layer],
      temperatures: Float32Array.of(0.3),
      gains: bitsOf('float32', 3, 27),
    },
  };
  return {
    simTier: () => simTier(bitsOf('float32', 40, 29), { k: 8, weights: bitsOf('float32', 21, 31) }),
    semanticTargetAttention: () => semanticTargetAttention(attention),
    'semanticTargetAttention of the least temperature': () =>
      semanticTargetAttention({
        ...attention,
        weights: { ...attention.weights, temperatures: new Float32Array(Uint32Array.of(1).buffer) },
      }),
    'auc of float32': () => auc(tinyScores, labels),
    'auc of float64': () => auc(tinyDoubles, labels),
    'auc in parts': () =>
      new Auc()
        .add(tinyScores.subarray(0, 3), labels.slice(0, 3))
        .add(tinyScores.subarray(3), labels.slice(3))
        .value(),
    gauc: () => [gauc(users, tinyScores, labels), gauc(users, tinyDoubles, labels)],
  };
}
