/** Beam search: what it finds, by definition, whatever divides its work. */
import fc from 'fast-check';
import { IndexTree, type Retrieved, type TreeScorer, type TreeSearch } from 'kleio';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from './cases/random.js';
import { type Corpus, drawCorpus, scorerOf, TreeFolder } from './cases/trees.js';
import { DTYPES, type Dtype } from './oracle/float-formats.js';
import {
  beamSearch,
  itemsBelow,
  levelsOf,
  type OracleNode,
  type OracleTree,
} from './oracle/tree.js';

const seed = Number(process.env.KLEIO_SEED);
const folder = new TreeFolder();
afterAll(() => folder.clear());

interface Case {
  readonly corpus: Corpus;
  readonly tree: IndexTree;
  readonly read: OracleTree;
  readonly random: Random;
}

async function drawCase(caseSeed: number, items: number, dtype: Dtype = 'int8'): Promise<Case> {
  const random = new Random(caseSeed);
  const family = random.pick(['normal', 'clustered', 'duplicated'] as const);
  const corpus = drawCorpus({ items, dim: random.integer(1, 12), dtype, family }, random);
  const split = random.pick(['balanced', 'plain'] as const);
  const tree = await IndexTree.build(corpus.table, { seed: caseSeed, split });
  return { corpus, tree, read: await folder.read(tree), random };
}

const user = Float32Array.of(1);

/** The product finds what the definition finds: the same items, logits equal in every bit. */
function expectFound(found: Retrieved, expected: ReturnType<typeof beamSearch>, read: OracleTree) {
  expect([...found.items]).toEqual(expected.map(({ item }) => read.ids[item]));
  expect([...found.logits]).toEqual(expected.map(({ logit }) => logit));
}

/** Scores with many ties, so that their order is seen. */
const drawScores = ({ read, random }: Case) =>
  read.nodes.map(() => Math.fround(random.integer(-30, 30) / 8));

const by = (scores: readonly number[]) => (node: OracleNode) => scores[node.index] as number;

async function searched(
  { tree, read }: Case,
  scores: readonly number[],
  search: Omit<TreeSearch, 'scorer' | 'user'>,
): Promise<Retrieved> {
  using scorer = await scorerOf(read, tree.builtInner, (index) => scores[index] as number);
  return tree.search({ ...search, scorer, user });
}

const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
const forAll = (runs: number, property: (caseSeed: number) => Promise<void>) =>
  fc.assert(fc.asyncProperty(seeds, property), { seed, numRuns: runs });

it('finds with an infinite beam what brute force finds, for random scorers', () =>
  forAll(60, async (caseSeed) => {
    const drawn = await drawCase(caseSeed, 1 + (caseSeed % 300));
    const scores = drawScores(drawn);
    const n = drawn.random.integer(1, 320);
    const leaves = drawn.read.nodes
      .filter(({ children }) => children === undefined)
      .map((node) => ({ item: node.item, logit: by(scores)(node), index: node.index }))
      .sort((a, b) => b.logit - a.logit || a.index - b.index)
      .slice(0, n);
    // Straight to the leaves, and down from the root through every level.
    for (const startLevel of [undefined, 0, drawn.random.integer(0, 12)]) {
      const found = await searched(drawn, scores, { beam: Infinity, n, startLevel });
      expectFound(found, leaves, drawn.read);
    }
  }));

it('is exact with a beam of n where a node scores as its best leaf', () =>
  forAll(40, async (caseSeed) => {
    const drawn = await drawCase(caseSeed, 2 + (caseSeed % 400));
    const { read, random } = drawn;
    // All leaves differ: among equals a beam of n may choose.
    const ofItem = read.ids.map((_, item) => item).sort(() => random.uniform() - 0.5);
    const scores = read.nodes.map(({ index }) =>
      Math.max(...itemsBelow(read, index).map((item) => ofItem[item] as number)),
    );
    const n = random.integer(1, 60);
    const all = await searched(drawn, scores, { beam: Infinity, n });
    for (const beam of [n, n + random.integer(0, 50)]) {
      for (const startLevel of [undefined, 0]) {
        const found = await searched(drawn, scores, { beam, n, startLevel });
        expect(found.items).toEqual(all.items);
      }
    }
  }));

it('finds what the definition of the beam finds, filters and first level included', () =>
  forAll(100, async (caseSeed) => {
    const drawn = await drawCase(caseSeed, 1 + (caseSeed % 300));
    const { read, random } = drawn;
    const scores = drawScores(drawn);
    const some = () => read.ids.filter(() => random.chance(random.pick([0.02, 0.4, 0.97])));
    const unknown = [2n ** 62n];
    const allow = random.chance(0.5) ? [...some(), ...unknown] : undefined;
    const block = random.chance(0.5) ? [...some(), ...unknown] : undefined;
    const [allowed, blocked] = [new Set(allow ?? read.ids), new Set(block)];
    const query = {
      beam: random.integer(1, 40),
      n: random.integer(1, 80),
      ...(random.chance(0.5) && { startLevel: random.integer(0, 14) }),
    };
    const found = await searched(drawn, scores, {
      ...query,
      allow: allow && BigInt64Array.from(allow),
      block: block && BigInt64Array.from(block),
    });
    const admits = (item: number) => {
      const id = read.ids[item] as bigint;
      return allowed.has(id) && !blocked.has(id);
    };
    expectFound(found, beamSearch(read, by(scores), { ...query, admits }), read);
  }));

it.each(DTYPES)('scores without a scorer by the mean of a node, over %s', async (dtype) => {
  const drawn = await drawCase(seed, 200, dtype);
  const { read, random, tree } = drawn;
  const vector = Float32Array.from({ length: read.dim }, () => random.normal());
  // The file's scale is a float32, as is each element of a mean.
  const score = ({ mean }: OracleNode) =>
    Math.fround(mean.reduce((sum, value, d) => sum + Math.fround(value) * vector[d]!, 0)) + 0;
  for (const beam of [1, 7, 30, Infinity]) {
    const found = await tree.search({ user: vector, beam, n: 25 });
    expectFound(found, beamSearch(read, score, { beam, n: 25 }), read);
  }
});

describe('a search', () => {
  let shared: Promise<{ drawn: Case; scorer: TreeScorer }> | undefined;
  const prepared = () => {
    shared ??= drawCase(seed, 3000).then(async (drawn) => {
      const scores = drawScores(drawn);
      const scorer = await scorerOf(drawn.read, drawn.tree.builtInner, (at) => scores[at]!);
      return { drawn, scorer };
    });
    return shared;
  };

  it('gives the same bits for any number of threads, beams included', async () => {
    const { drawn, scorer } = await prepared();
    const asked = { scorer, user, beam: 200, n: 300, beams: true };
    const alone = await drawn.tree.search({ ...asked, threads: 1 });
    expect(alone).not.toHaveProperty('stages');
    for (const threads of [2, 3, 8]) {
      expect(await drawn.tree.search({ ...asked, threads })).toEqual(alone);
    }
  });

  it('returns the beam of every level', async () => {
    const { drawn, scorer } = await prepared();
    const { levels } = await drawn.tree.search({ scorer, user, beam: 50, n: 10, beams: true });
    const all = levelsOf(drawn.read);
    const first = all.findIndex((level) => level.length > 50);
    // A beam may lead to leaves alone before the last level.
    const shown = all.map((_, level) => level).slice(first, first + (levels?.length ?? 0));
    expect(levels?.map(({ level }) => level)).toEqual(shown);
    expect(shown.length).toBeGreaterThan(3);
    for (const { level, nodes } of levels ?? []) {
      const indices = new Set(all[level]!.map(({ index }) => index));
      const inner = [...nodes].filter((index) => drawn.read.nodes[index]!.children !== undefined);
      expect(inner.length).toBeLessThanOrEqual(50);
      if (level > first) expect([...nodes].every((index) => indices.has(index))).toBe(true);
    }
  });

  it('tells how much of the truth each level held', async () => {
    const { drawn, scorer } = await prepared();
    const { tree, read } = drawn;
    const truth = (await tree.search({ scorer, user, beam: Infinity, n: 40 })).items;
    const some = await tree.search({ scorer, user, beam: 40, n: 40, beams: true });
    const { levels, items } = tree.hierarchicalRecall(some, truth);
    const wanted = new Set([...truth].map((id) => read.ids.indexOf(id)));
    const held = new Set<number>();
    const first = some.levels?.[0]?.level ?? 0;
    levelsOf(read).forEach((nodes, level) => {
      const beam = some.levels?.find((of) => of.level === level);
      for (const index of beam?.nodes ?? []) held.add(index);
      if (level < first) {
        expect(levels[level]).toBe(1);
        return;
      }
      // Ancestors on this level, and leaves that lie higher.
      const above = levelsOf(read).slice(0, level).flat();
      const ancestors = [
        ...nodes,
        ...above.filter(({ children }) => children === undefined),
      ].filter(({ index }) => itemsBelow(read, index).some((item) => wanted.has(item)));
      const found = ancestors.filter(({ index }) => held.has(index)).length;
      expect(levels[level]).toBeCloseTo(found / ancestors.length, 12);
    });
    const found = [...truth].filter((id) => some.items.includes(id)).length;
    expect(items).toBe(found / 40);
    expect(tree.hierarchicalRecall({ ...some, items: truth }, truth).items).toBe(1);
  });

  it('rejects with the reason of its signal', async () => {
    const { drawn, scorer } = await prepared();
    const asked = { scorer, user, beam: Infinity, n: 10 };
    const reason = new Error('no longer needed');
    const signal = AbortSignal.abort(reason);
    await expect(drawn.tree.search({ ...asked, signal })).rejects.toBe(reason);
    const controller = new AbortController();
    const running = drawn.tree.search({ ...asked, signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect((await drawn.tree.search(asked)).items).toHaveLength(10);
  });

  it('completes when tree and scorer are closed meanwhile', async () => {
    const drawn = await drawCase(seed + 1, 500);
    const scores = drawScores(drawn);
    const scorer = await scorerOf(drawn.read, drawn.tree.builtInner, (at) => scores[at]!);
    const asked = { scorer, user, beam: 30, n: 10 };
    const expected = (await drawn.tree.search(asked)).items;
    const running = Array.from({ length: 10 }, () => drawn.tree.search(asked));
    drawn.tree.close();
    scorer.close();
    drawn.corpus.table.close();
    for (const found of await Promise.all(running)) expect(found.items).toEqual(expected);
  });
});
