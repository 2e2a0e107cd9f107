/** A tree that changes in memory and one that is saved and opened in between are one tree. */
import fc from 'fast-check';
import { EmbeddingTable, History, IndexTree, type TreeSearch } from 'kleio';
import { afterAll, describe, expect, it } from 'vitest';
import { times } from './cases/extent.js';
import { Random } from './cases/random.js';
import { drawScorer, scorerShapes } from './cases/tree-scorers.js';
import {
  type Corpus,
  drawCorpus,
  drawIds,
  drawValues,
  TreeFolder,
  towersOf,
} from './cases/trees.js';
import { DTYPES } from './oracle/float-formats.js';
import { beamSearch, type OracleNode } from './oracle/tree.js';

const seed = Number(process.env.KLEIO_SEED);
const folder = new TreeFolder();
afterAll(() => folder.clear());

interface Replicas {
  readonly corpus: Corpus;
  readonly builtInner: number;
  /** Changed in memory alone; opened now and then; opened after every change. */
  readonly trees: IndexTree[];
  readonly present: Set<bigint>;
  readonly absent: bigint[];
}

/** Rows that come again and again, so that logits, likenesses and margins tie. */
async function drawReplicas(random: Random): Promise<Replicas> {
  const family = random.pick(['duplicated', 'clustered', 'normal'] as const);
  const shape = { items: random.integer(1, 200), dim: random.integer(1, 4) };
  const corpus = drawCorpus({ ...shape, dtype: random.pick(DTYPES), family }, random);
  const options = { seed: shape.items, split: random.pick(['balanced', 'plain'] as const) };
  const trees = await Promise.all([1, 2, 3].map(() => IndexTree.build(corpus.table, options)));
  const present = new Set(corpus.ids);
  const absent = [...drawIds(200, random)].filter((id) => !present.has(id));
  return { corpus, builtInner: trees[0]!.builtInner, trees, present, absent };
}

async function change({ corpus, trees, present, absent }: Replicas, random: Random) {
  const share = random.pick([0, 0.02, 0.3, 0.3, 1]);
  const leaving = [...present].filter(() => random.chance(share));
  const coming = absent.splice(0, random.pick([0, 1, 1, 3, 100]));
  const values = drawValues({ ...corpus, items: coming.length, family: 'duplicated' }, random);
  for (const tree of trees) {
    expect(await tree.remove(BigInt64Array.from(leaving))).toBe(leaving.length);
    expect(await tree.insert(BigInt64Array.from(coming), values)).toBe(coming.length);
  }
  for (const id of leaving) present.delete(id);
  for (const id of coming) present.add(id);
  absent.push(...leaving);
  for (const at of random.chance(0.3) ? [1, 2] : [2]) trees[at] = await folder.reopened(trees[at]!);
}

/** By two towers of few values, so that logits tie at every edge, and by a random MISS. */
async function drawScorers({ corpus, builtInner, absent }: Replicas, random: Random) {
  const ids = [...new Set([...corpus.ids, ...absent])];
  const few = (count: number) => Float32Array.from({ length: count }, () => random.integer(0, 2));
  const towers = await towersOf(BigInt64Array.from(ids), few(ids.length + 1), few(builtInner + 1));
  const [shape] = fc.sample(scorerShapes, { numRuns: 1, seed: random.integer(0, 2 ** 31 - 1) });
  const miss = await folder.openScorer(drawScorer(shape!, { ids, builtInner }, random));
  return { towers, miss, missUser: shape!.userWidth };
}

type Asked = Omit<TreeSearch, 'beam' | 'n'>;

/** All that a caller sees of a search, but how long it took. */
async function seen(tree: IndexTree, search: TreeSearch) {
  const truth = await tree.search({ ...search, beam: Infinity });
  const { stages: _, ...found } = await tree.search({ ...search, beams: true });
  const recall = tree.hierarchicalRecall(found, truth.items);
  return { truth: [...truth.items], found, recall };
}

async function expectSame({ trees, present }: Replicas, asked: readonly Asked[], random: Random) {
  const [inMemory, ...others] = trees as [IndexTree, ...IndexTree[]];
  const bytes = await folder.bytesOf(inMemory);
  const quality = await inMemory.quality();
  const some = BigInt64Array.from([...present].filter(() => random.chance(0.7)));
  const filter = random.pick([{}, { allow: some }, { block: some }]);
  const size = { beam: random.integer(1, 20), n: random.integer(1, 40) };
  const start = random.chance(0.5) ? {} : { startLevel: random.integer(0, 5) };
  const searches = asked.map((one) => ({ ...one, ...filter, ...size, ...start }));
  const expected = await Promise.all(searches.map((search) => seen(inMemory, search)));
  for (const other of others) {
    expect(bytes.equals(await folder.bytesOf(other))).toBe(true);
    expect(await other.quality()).toEqual(quality);
    expect(await Promise.all(searches.map((search) => seen(other, search)))).toEqual(expected);
  }
}

const forAll = (runs: number, property: (random: Random) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 })), (caseSeed) =>
      property(new Random(caseSeed)),
    ),
    { seed, numRuns: runs },
  );

it('is the same in every bit, and finds the same, whenever it was saved and opened', () =>
  forAll(times(150, 15), async (random) => {
    const replicas = await drawReplicas(random);
    const { corpus, trees } = replicas;
    const { towers, miss, missUser } = await drawScorers(replicas, random);
    const numbers = (length: number) => Float32Array.from({ length }, () => random.integer(-1, 1));
    using history = new History(corpus.table);
    const rows = corpus.ids.length - 1;
    history.append(Int32Array.from({ length: 50 }, () => random.integer(-1, rows)));
    const asked: Asked[] = [
      { user: numbers(corpus.dim) },
      { scorer: towers, user: Float32Array.of(1) },
      { scorer: miss, user: numbers(missUser), history },
    ];
    for (let round = 0; round < 6; round += 1) {
      await change(replicas, random);
      await expectSame(replicas, asked, random);
    }
    for (const handle of [...trees, towers, miss]) handle.close();
  }));

it('reports the same where a report takes a sample of the items', async () => {
  const random = new Random(seed);
  const values = Int8Array.from({ length: 2 * 70_000 }, () => random.integer(-127, 127));
  using tree = await IndexTree.build(EmbeddingTable.from(values, { dim: 2 }));
  await tree.remove(BigInt64Array.from({ length: 3000 }, () => BigInt(random.integer(0, 69_999))));
  const path = folder.path();
  await tree.save(path);
  using opened = await IndexTree.open(path);
  expect(await opened.quality()).toEqual(await tree.quality());
});

describe('on equal logits', () => {
  it('the order is that of the file, in memory too', async () => {
    const values = Int8Array.of(5, -21, 5, 16, 5, -48, 5, -11, 5, 26, 5, -38);
    using tree = await IndexTree.build(EmbeddingTable.from(values, { dim: 2 }));
    await tree.insert(BigInt64Array.of(100n), Int8Array.of(5, -1));
    const search = { user: Float32Array.of(1, 0), beam: Infinity, n: 4 };
    const { items, logits } = await tree.search(search);
    expect(new Set(logits)).toEqual(new Set([5]));
    using opened = await folder.reopened(tree);
    expect((await opened.search(search)).items).toEqual(items);
  });

  it('of every node, the beam too goes by the numbers of the file', () =>
    forAll(times(60), async (random) => {
      const replicas = await drawReplicas(random);
      for (let round = 0; round < 3; round += 1) await change(replicas, random);
      const [tree] = replicas.trees as [IndexTree];
      const read = await folder.read(tree);
      const user = Float32Array.from({ length: read.dim }, () => random.integer(0, 1));
      const query = { beam: random.integer(1, 12), n: random.integer(1, 30) };
      const score = ({ mean }: OracleNode) =>
        Math.fround(mean.reduce((sum, value, d) => sum + Math.fround(value) * user[d]!, 0)) + 0;
      const { items, logits } = await tree.search({ user, ...query });
      const expected = beamSearch(read, score, query);
      expect([...items]).toEqual(expected.map(({ item }) => read.ids[item]));
      expect([...logits]).toEqual(expected.map(({ logit }) => logit));
      for (const of of replicas.trees) of.close();
    }));

  it('beams have the numbers of the file', () =>
    forAll(times(40), async (random) => {
      const replicas = await drawReplicas(random);
      for (let round = 0; round < 3; round += 1) await change(replicas, random);
      const [tree] = replicas.trees as [IndexTree];
      const read = await folder.read(tree);
      const user = new Float32Array(read.dim).fill(1);
      const all = await tree.search({ user, beam: Infinity, n: 1, startLevel: 0, beams: true });
      const shown = (all.levels ?? []).flatMap(({ nodes }) => [...nodes]);
      expect(new Set(shown).size).toBe(shown.length);
      expect(shown.sort((a, b) => a - b)).toEqual(read.nodes.map(({ index }) => index));
      for (const { level, nodes, logits } of all.levels ?? []) {
        nodes.forEach((node, at) => {
          const { mean } = read.nodes[node]!;
          const logit = Math.fround(mean.reduce((sum, value) => sum + Math.fround(value), 0)) + 0;
          expect(logits[at], `node ${node} of level ${level}`).toBe(logit);
        });
      }
      for (const of of replicas.trees) of.close();
    }));
});
