/**
 * One fault, one code: a value of a kind that is wrong gets the code that docs/errors.md gives it, whichever
 * door of the package it comes through.
 */
import {
  EmbeddingTable,
  History,
  IndexTree,
  Ranker,
  searchMany,
  semanticTargetAttention,
  simTier,
  topK,
} from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untyped } from '../cases/coded-errors.js';
import { detached } from '../cases/hostile-views.js';
import { weightsPath } from '../cases/muse-golden.js';
import { Random } from '../cases/random.js';

/** What calls a door with one wrong thing in an otherwise right request. */
type Door = (wrong: unknown) => unknown;
type Draw = (random: Random) => unknown;

const DRAWS = 20;
const seed = Number(process.env.KLEIO_SEED ?? 1);

const ids = BigInt64Array.of(10n, 20n, 30n);
const one = BigInt64Array.of(1n);
const table = EmbeddingTable.from(Float32Array.of(1, 0, 0, 1, 0.6, 0.8), { dim: 2, ids });
const history = new History(table);
history.append(Int32Array.of(0, 1, 2), { times: Float64Array.of(1, 2, 3) });
const target = () => Float32Array.of(1, 0);
const layer = { weight: Float32Array.of(1, 0, 0, 1), bias: new Float32Array(2) };
const attention = (change: object) =>
  semanticTargetAttention({
    target: target(),
    behaviours: Float32Array.of(1, 2, -2, 1),
    weights: { query: [layer], key: [layer], value: [layer] },
    ...change,
  });

let ranker: Ranker;
let tree: IndexTree;
beforeAll(async () => {
  ranker = await Ranker.open(weightsPath('muse_b'));
  tree = await IndexTree.build(table);
});
afterAll(() => {
  ranker.close();
  tree.close();
});

const ranked = (change: object) => ({
  history: ranker.history(one),
  user: new BigInt64Array(6),
  candidates: { items: one, categories: one, cities: one, provinces: one },
  ...change,
});

/** Doors that take the options of a search; each gives the wrong ones on. */
const searches = (name: string): Record<string, Door> => ({
  'History#searchSync': (wrong) => history.searchSync(target(), untyped({ k: 1, [name]: wrong })),
  'History#search': (wrong) => history.search(target(), untyped({ k: 1, [name]: wrong })),
  searchMany: (wrong) => searchMany([untyped({ history, targets: target(), k: 1, [name]: wrong })]),
});
const rankings = (name: string): Record<string, Door> => ({
  'Ranker.open': (wrong) => Ranker.open(weightsPath('muse_b'), untyped({ [name]: wrong })),
  'Ranker#rank': (wrong) => ranker.rank(untyped(ranked({ [name]: wrong }))),
  'Ranker#rankSync': (wrong) => ranker.rankSync(untyped(ranked({ [name]: wrong }))),
  'Ranker#rankMany': (wrong) => ranker.rankMany([untyped(ranked({ [name]: wrong }))]),
});
const treeSearches = (name: string): Record<string, Door> => ({
  'IndexTree#search': (wrong) =>
    tree.search(untyped({ user: target(), beam: 1, n: 1, [name]: wrong })),
});
const treeBuilds = (name: string): Record<string, Door> => ({
  'IndexTree.build': (wrong) => IndexTree.build(table, untyped({ [name]: wrong })),
});
/** Doors that take one of some names. */
const choices: Record<string, Door> = {
  ...searches('by'),
  ...rankings('lifelong'),
  ...named('emptyPlaces', rankings('emptyPlaces')),
  ...treeSearches('lists'),
  ...treeBuilds('split'),
};
/** Doors that take behaviours and what they bring. */
const appends = (change: (wrong: unknown) => object): Record<string, Door> => ({
  'History#append': (wrong) =>
    new History(table).append(Int32Array.of(0, 1), untyped(change(wrong))),
  'History.build': (wrong) => History.build(table, Int32Array.of(0, 1), untyped(change(wrong))),
  'Ranker#history': (wrong) => ranker.history(ids.slice(0, 2), untyped(change(wrong))),
  'Ranker#buildHistory': (wrong) => ranker.buildHistory(ids.slice(0, 2), untyped(change(wrong))),
});

const noNumber: Draw = (random) => random.pick(['1', null, true, {}, [2], 3n, Symbol.iterator]);
const noCount: Draw = (random) =>
  random.pick([
    Number.NaN,
    0,
    -random.integer(1, 99),
    random.integer(1, 99) + 0.5,
    2 ** 31,
    Infinity,
  ]);
const noBoolean: Draw = (random) => random.pick([0, 1, 'true', null, {}, 1n]);
const noString: Draw = (random) =>
  random.pick([0, 1, null, {}, [], true, ['cosine'], ['muse'], ['mask'], ['both'], ['plain']]);
const noName: Draw = (random) => random.pick(['', 'Cosine', 'toString', '__proto__', 'nothing']);
const noFinite: Draw = (random) => random.pick([Number.NaN, Infinity, -Infinity]);
const noArray: Draw = (random) =>
  random.pick([null, 'abc', 7, {}, [1, 2], new DataView(new ArrayBuffer(8))]);
const noRow: Draw = (random) =>
  random.pick([3, -2, 2 ** 31 - 1, -(2 ** 31), random.integer(4, 9999)]);

interface Fault {
  readonly what: string;
  readonly code: string;
  readonly draw: Draw;
  readonly doors: Record<string, Door>;
}

/** The drawn number at a random place of two rows of two, in any dtype that can hold it. */
const embeddings = (wrong: unknown) => Float32Array.of(1, 2, Number(wrong), 1);
const halves = (wrong: unknown) => {
  const bits = Number.isNaN(wrong) ? 0x7e00 : Number(wrong) > 0 ? 0x7c00 : 0xfc00;
  return Uint16Array.of(0x3c00, bits);
};

const faults: readonly Fault[] = [
  {
    what: 'a k that is no number',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: noNumber,
    doors: {
      ...searches('k'),
      ...rankings('k'),
      topK: (k) => topK(target(), target(), untyped({ dim: 2, k })),
      simTier: (k) => simTier(target(), untyped({ k, weights: new Float32Array(21) })),
    },
  },
  {
    what: 'a k that counts nothing',
    code: 'ERR_KLEIO_RANGE',
    draw: noCount,
    doors: {
      ...searches('k'),
      ...rankings('k'),
      topK: (k) => topK(target(), target(), untyped({ dim: 2, k })),
      simTier: (k) => simTier(target(), untyped({ k, weights: new Float32Array(21) })),
    },
  },
  {
    what: 'threads that are no number',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: noNumber,
    doors: {
      ...searches('threads'),
      ...rankings('threads'),
      ...treeSearches('threads'),
      ...treeBuilds('threads'),
    },
  },
  {
    what: 'threads out of range',
    code: 'ERR_KLEIO_RANGE',
    draw: (random) => (random.chance(0.2) ? 1025 : noCount(random)),
    doors: {
      ...searches('threads'),
      ...rankings('threads'),
      ...treeSearches('threads'),
      ...treeBuilds('threads'),
    },
  },
  {
    what: 'a bound that is no number',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: noNumber,
    doors: { ...searches('minScore'), ...named('since', searches('since')) },
  },
  {
    what: 'a bound that is NaN',
    code: 'ERR_KLEIO_RANGE',
    draw: () => Number.NaN,
    doors: { ...searches('minScore'), ...named('since', searches('since')) },
  },
  {
    what: 'a switch that is no boolean',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: noBoolean,
    doors: {
      ...searches('distinct'),
      'Ranker#rank': (interests) => ranker.rank(untyped(ranked({ interests }))),
      ...treeSearches('beams'),
    },
  },
  {
    what: 'a choice that is no string',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: noString,
    doors: choices,
  },
  {
    what: 'a choice that nobody offers',
    code: 'ERR_KLEIO_RANGE',
    draw: noName,
    doors: choices,
  },
  {
    what: 'an option that does not exist',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: (random) => random.integer(0, 9),
    doors: {
      ...searches('kk'),
      ...rankings('kk'),
      ...treeSearches('kk'),
      ...treeBuilds('kk'),
      ...appends((kk) => ({ kk })),
      topK: (kk) => topK(target(), target(), untyped({ dim: 2, k: 1, kk })),
      'EmbeddingTable.from': (kk) => EmbeddingTable.from(target(), untyped({ dim: 2, kk })),
    },
  },
  {
    what: 'a row outside the table',
    code: 'ERR_KLEIO_RANGE',
    draw: noRow,
    doors: {
      'targets of searchSync': (row) => history.searchSync(Int32Array.of(0, Number(row)), { k: 1 }),
      'targets of search': (row) => history.search(Int32Array.of(Number(row)), { k: 1 }),
      'exclude of search': (row) =>
        history.search(target(), { k: 1, exclude: Int32Array.of(Number(row)) }),
      'History#append': (row) => new History(table).append(Int32Array.of(1, Number(row))),
      'History.build': (row) => History.build(table, Int32Array.of(Number(row), 1)),
    },
  },
  {
    what: 'a time that is not finite',
    code: 'ERR_KLEIO_RANGE',
    draw: noFinite,
    doors: appends((time) => ({ times: Float64Array.of(1, Number(time)) })),
  },
  {
    what: 'a time too few',
    code: 'ERR_KLEIO_SHAPE',
    draw: () => undefined,
    doors: appends(() => ({ times: Float64Array.of(1) })),
  },
  {
    what: 'a category too many',
    code: 'ERR_KLEIO_SHAPE',
    draw: () => undefined,
    doors: appends(() => ({ categories: Int32Array.of(1, 2, 3) })),
  },
  {
    what: 'times that are no array of them',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: noArray,
    doors: appends((times) => ({ times })),
  },
  {
    what: 'an element that is not finite',
    code: 'ERR_KLEIO_NOT_FINITE',
    draw: noFinite,
    doors: {
      'EmbeddingTable.from': (wrong) => EmbeddingTable.from(embeddings(wrong), { dim: 2 }),
      'EmbeddingTable.from, float16': (wrong) =>
        EmbeddingTable.from(halves(wrong), { dim: 2, dtype: 'float16' }),
      'targets of searchSync': (wrong) => history.searchSync(embeddings(wrong), { k: 1 }),
      'targets of search': (wrong) => history.search(embeddings(wrong), { k: 1 }),
      'targets of topK': (wrong) => topK(embeddings(wrong), target(), { dim: 2, k: 1 }),
      'history of topK': (wrong) => topK(target(), embeddings(wrong), { dim: 2, k: 1 }),
      'IndexTree#insert': (wrong) => tree.insert(BigInt64Array.of(7n, 8n), embeddings(wrong)),
      'user of IndexTree#search': (wrong) =>
        tree.search({ user: Float32Array.of(1, Number(wrong)), beam: 1, n: 1 }),
      'target of attention': (wrong) => attention({ target: Float32Array.of(1, Number(wrong)) }),
      'behaviours of attention': (wrong) => attention({ behaviours: embeddings(wrong) }),
    },
  },
  {
    what: 'half a row',
    code: 'ERR_KLEIO_SHAPE',
    draw: (random) => new Float32Array(2 * random.integer(0, 9) + 1),
    doors: {
      'EmbeddingTable.from': (values) => EmbeddingTable.from(untyped(values), { dim: 2 }),
      'targets of search': (values) => history.search(untyped(values), { k: 1 }),
      'targets of topK': (values) => topK(untyped(values), target(), { dim: 2, k: 1 }),
      'history of topK': (values) => topK(target(), untyped(values), { dim: 2, k: 1 }),
      'IndexTree#insert': (values) => tree.insert(BigInt64Array.of(7n), untyped(values)),
      'target of attention': (values) => attention({ target: values }),
    },
  },
  {
    what: 'an array of another dtype',
    code: 'ERR_KLEIO_DTYPE',
    draw: (random) =>
      random.pick([
        Int8Array.of(1, 0),
        Uint16Array.of(1, 0),
        Float64Array.of(1, 0),
        Uint8Array.of(1, 0),
      ]),
    doors: {
      'targets of searchSync': (values) => history.searchSync(untyped(values), { k: 1 }),
      'targets of search': (values) => history.search(untyped(values), { k: 1 }),
      'targets of topK': (values) => topK(untyped(values), target(), { dim: 2, k: 1 }),
      'IndexTree#insert': (values) => tree.insert(BigInt64Array.of(7n), untyped(values)),
    },
  },
  {
    what: 'a view that lost its memory',
    code: 'ERR_KLEIO_ARGUMENT',
    draw: () => detached(target()),
    doors: {
      'EmbeddingTable.from': (values) => EmbeddingTable.from(untyped(values), { dim: 2 }),
      'targets of search': (values) => history.search(untyped(values), { k: 1 }),
      'targets of topK': (values) => topK(untyped(values), target(), { dim: 2, k: 1 }),
      'IndexTree#insert': (values) => tree.insert(BigInt64Array.of(7n), untyped(values)),
      'user of IndexTree#search': (user) => tree.search({ user: untyped(user), beam: 1, n: 1 }),
      'target of attention': (values) => attention({ target: values }),
      'scores of simTier': (scores) =>
        simTier(untyped(scores), { k: 1, weights: new Float32Array(21) }),
    },
  },
];

/** The doors under names that tell them from those of another option. */
function named(option: string, doors: Record<string, Door>): Record<string, Door> {
  return Object.fromEntries(
    Object.entries(doors).map(([name, door]) => [`${name}, ${option}`, door]),
  );
}

/** The code of what a call throws or rejects with. */
async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    return { answered: await call() };
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

describe.each(faults)('$what is $code', ({ code, draw, doors }) => {
  it.each(Object.entries(doors))('to %s', async (_, door) => {
    const random = new Random(seed);
    for (let count = 0; count < DRAWS; ++count) {
      const wrong = draw(random);
      expect(await codeOf(() => door(wrong))).toBe(code);
    }
  });
});
