/** Random node scorers of every size and setting against the float64 oracle: for each instruction set. */
import fc from 'fast-check';
import { History, IndexTree } from 'kleio';
import { afterAll, expect, it } from 'vitest';
import { cases } from './cases/extent.js';
import { Random } from './cases/random.js';
import type { TensorFile } from './cases/tensor-files.js';
import { drawScorer, type ScorerShape, scorerShapes } from './cases/tree-scorers.js';
import { type Corpus, drawCorpus, drawValues, TreeFolder } from './cases/trees.js';
import { DTYPES, numbersOf } from './oracle/float-formats.js';
import type { OracleNode, OracleTree } from './oracle/tree.js';
import { OracleScorer } from './oracle/tree-scorer.js';

const seed = Number(process.env.KLEIO_SEED);
const CASES = cases(60);
/** Of a logit, relative to 1 and to itself: float32 layers against float64. */
const TOLERANCE = 2e-4;

const folder = new TreeFolder();
afterAll(() => folder.clear());

interface Drawn {
  readonly corpus: Corpus;
  readonly tree: IndexTree;
  readonly read: OracleTree;
  readonly file: TensorFile;
  readonly behaviours: Int32Array;
  readonly user: Float32Array;
}

async function draw(shape: ScorerShape, random: Random): Promise<Drawn> {
  const items = random.pick([1, 2, random.integer(1, 60)]);
  const family = random.pick(['normal', 'clustered', 'zeroRows'] as const);
  const corpusShape = { items, dim: random.integer(1, 20), dtype: random.pick(DTYPES), family };
  const corpus = drawCorpus(corpusShape, random);
  const tree = await IndexTree.build(corpus.table, { seed: items });
  const coming = random.chance(0.4) ? await changed(tree, corpus, random) : [];
  const read = await folder.read(tree);
  const ids = [...corpus.ids, ...coming];
  const file = drawScorer(shape, { ids, builtInner: tree.builtInner }, random);
  const length = random.pick([0, 1, 5, 80]);
  const behaviours = Int32Array.from({ length }, () => random.integer(-1, items - 1));
  const user = Float32Array.from({ length: shape.userWidth }, () => random.normal());
  return { corpus, tree, read, file, behaviours, user };
}

/** Nodes come to share features, or to have none; gives the ids of the new items. */
async function changed(tree: IndexTree, corpus: Corpus, random: Random): Promise<bigint[]> {
  const share = random.pick([0.3, 1]);
  await tree.remove(corpus.ids.filter(() => random.chance(share)));
  const items = random.integer(1, 30);
  const coming = BigInt64Array.from({ length: items }, (_, at) => 2n ** 59n + BigInt(at));
  await tree.insert(coming, drawValues({ ...corpus, items, family: 'clustered' }, random));
  return [...coming];
}

it(`scores with ${CASES} random scorers as by definition`, () => {
  const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
  const lists = fc.constantFrom('both', 'both', 'collaborative', 'multimodal', 'none');
  const property = fc.asyncProperty(seeds, scorerShapes, lists, async (caseSeed, shape, filled) => {
    const random = new Random(caseSeed);
    const { corpus, tree, read, file, behaviours, user } = await draw(shape, random);
    using scorer = await folder.openScorer(file);
    const capacity = random.pick([40, 1000]);
    using history = new History(corpus.table, { capacity });
    history.append(behaviours);
    const asked = { scorer, history, user, lists: filled, startLevel: 0, beams: true };
    const found = await tree.search({ ...asked, beam: Infinity, n: 100 });

    const table = { numbers: numbersOf(corpus.values, corpus.dtype), dim: corpus.dim };
    const request = {
      behaviours: [...behaviours.slice(-capacity)],
      table,
      ids: [...corpus.ids],
      user,
      lists: filled,
    };
    const logitOf = new OracleScorer(file).logitOf(read, request);
    expect(found.items).toHaveLength(read.ids.length);
    // Every node of every level is there, inner ones too.
    const logits = new Map<number, number>();
    for (const { nodes, logits: of } of found.levels ?? []) {
      nodes.forEach((node, at) => {
        logits.set(node, of[at] as number);
      });
    }
    expect(logits.size).toBe(read.nodes.length);
    for (const node of read.nodes) expectLogit(logits.get(node.index), logitOf(node), node);
    tree.close();
  });
  return fc.assert(property, { seed, numRuns: CASES });
});

function expectLogit(found: number | undefined, expected: number, { index }: OracleNode): void {
  const slack = TOLERANCE * Math.max(1, Math.abs(expected));
  expect(Math.abs((found ?? Number.NaN) - expected), `node ${index}`).toBeLessThanOrEqual(slack);
}

it('gives the same bits for any number of threads and any company of a node', async () => {
  const shape: ScorerShape = {
    dim: 16,
    keepTop: 20,
    shortSteps: 10,
    userWidth: 3,
    coGsu: 'projected',
    coWidth: 16,
    lists: 'separate',
    esu: 'semantic',
    first: { heads: [[16, 16]], outputs: 8 },
    multimodal: {
      heads: [
        [16, 16],
        [8, 24],
      ],
      outputs: 16,
    },
    hidden: [64, 32],
    tierWidth: 0.1,
  };
  const random = new Random(seed);
  const items = cases(3000);
  const corpusShape = { items, dim: 32, dtype: 'int8', family: 'clustered' } as const;
  const corpus = drawCorpus(corpusShape, random);
  using tree = await IndexTree.build(corpus.table);
  const drawn = drawScorer(shape, { ids: [...corpus.ids], builtInner: tree.builtInner }, random);
  using scorer = await folder.openScorer(drawn);
  using history = new History(corpus.table);
  history.append(Int32Array.from({ length: items }, () => random.integer(0, items - 1)));
  const user = Float32Array.from({ length: 3 }, () => random.normal());
  const asked = { scorer, history, user, n: 100, beams: true };
  const { stages: _, ...alone } = await tree.search({ ...asked, beam: 100, threads: 1 });
  for (const threads of [2, 3, 8]) {
    const { stages: __, ...found } = await tree.search({ ...asked, beam: 100, threads });
    expect(found).toEqual(alone);
  }
  // The leaves that the beam met have the logits that they have among all leaves.
  const all = await tree.search({ ...asked, beam: Infinity, n: items });
  const logitOf = new Map([...all.items].map((id, at) => [id, all.logits[at]]));
  alone.items.forEach((id, at) => {
    expect(logitOf.get(id)).toBe(alone.logits[at]);
  });
});
