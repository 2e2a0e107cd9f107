/** What `TreeScorer.open` and searches make of hostile weights: a clear error, or the defined result. */
import { EmbeddingTable, History, IndexTree, TreeScorer } from 'kleio';
import { beforeAll, expect, it } from 'vitest';
import { expectError, expectRejection, untyped } from '../cases/coded-errors.js';
import { Random } from '../cases/random.js';
import type { Tensor } from '../cases/tensor-files.js';
import { drawScorer, type ScorerShape } from '../cases/tree-scorers.js';
import { drawCorpus } from '../cases/trees.js';

const random = new Random(12);
const corpus = drawCorpus({ items: 60, dim: 4, dtype: 'int8', family: 'normal' }, random);
const user = Float32Array.of(1, 2, 3, 4);
let tree: IndexTree;
beforeAll(async () => {
  tree = await IndexTree.build(corpus.table);
});

const shape: ScorerShape = {
  dim: 4,
  keepTop: 5,
  shortSteps: 2,
  userWidth: 2,
  coGsu: 'projected',
  coWidth: 4,
  lists: 'separate',
  esu: 'semantic',
  first: { heads: [[4, 4]], outputs: 4 },
  multimodal: { heads: [[4, 4]], outputs: 4 },
  hidden: [8],
  tierWidth: 0.1,
};
const ids = [...corpus.ids];
const { tensors, metadata } = drawScorer(shape, { ids, builtInner: corpus.ids.length - 1 }, random);
type Tensors = Record<string, { shape: readonly number[]; values: Float32Array | BigInt64Array }>;
const inMemory = (from: ReadonlyMap<string, Tensor>): Tensors =>
  Object.fromEntries(
    [...from].map(([name, { dtype, shape: of, bytes }]) => {
      const { buffer } = bytes.slice();
      const values = dtype === 'I64' ? new BigInt64Array(buffer) : new Float32Array(buffer);
      return [name, { shape: of, values }];
    }),
  );
const whole = inMemory(tensors);
const open = (changed: Tensors, settings: Record<string, string> = metadata) =>
  TreeScorer.open({ tensors: changed, metadata: settings });
const names = [...tensors.keys()];

it('opens, and is asked with its own history and user', async () => {
  using scorer = await open(whole);
  expect([scorer.k, scorer.userWidth, scorer.innerNodes]).toEqual([5, 2, 59]);
  using history = new History(corpus.table);
  const asked = { scorer, history, user: Float32Array.of(1, 2), beam: 5, n: 5 };
  expect((await tree.search(asked)).items).toHaveLength(5);
  const { history: _, ...without } = asked;
  await expectRejection(() => tree.search(without), 'ERR_KLEIO_ARGUMENT', 'history is missing');
  await expectRejection(() => tree.search({ ...asked, user }), 'ERR_KLEIO_SHAPE', 'user');
  using floats = new History(EmbeddingTable.from(new Float32Array(4), { dim: 4 }));
  const other = { ...asked, history: floats };
  await expectRejection(() => tree.search(other), 'ERR_KLEIO_DTYPE', 'float32', 'int8');
  using small = await IndexTree.build(EmbeddingTable.from(new Int8Array(8), { dim: 4 }));
  await expectRejection(() => small.search(asked), 'ERR_KLEIO_SHAPE', 'another tree');
  scorer.close();
  await expectRejection(() => tree.search(asked), 'ERR_KLEIO_CLOSED', 'scorer');
  expectError(() => scorer.k, 'ERR_KLEIO_CLOSED');
});

it('takes one of the rows of an id that stands on several', async () => {
  const values = (whole['item.ids']!.values as BigInt64Array).slice();
  const twice = values[0]!;
  values[1] = twice;
  const repeated = { ...whole, 'item.ids': { ...whole['item.ids']!, values } };
  const opened = (duplicates?: 'first' | 'last') =>
    TreeScorer.open({ tensors: repeated, metadata }, { duplicates });
  await expectRejection(
    () => opened(),
    ...(['ERR_KLEIO_DUPLICATE_ID', '"item.ids"', `${twice}`, 'duplicates'] as const),
  );
  // The same as if the other row were of an item that nobody has.
  using history = new History(corpus.table);
  history.append(BigInt64Array.of(twice, corpus.ids[5]!, twice));
  const logits = async (scorer: TreeScorer) => {
    const asked = { scorer, history, user: Float32Array.of(1, 2), beam: Infinity, n: 60 };
    return (await tree.search(asked)).logits;
  };
  for (const [duplicates, other] of [
    ['first', 1],
    ['last', 0],
  ] as const) {
    const without = values.slice();
    without[other] = -77n;
    const one = { ...whole, 'item.ids': { ...whole['item.ids']!, values: without } };
    using scorer = await opened(duplicates);
    using expected = await open(one);
    expect(await logits(scorer)).toEqual(await logits(expected));
  }
  const slip = untyped({ duplicate: 'first' });
  await expectRejection(
    () => TreeScorer.open({ tensors: whole, metadata }, slip),
    'ERR_KLEIO_ARGUMENT',
    "did you mean 'duplicates'?",
  );
});

it.each(names)('is refused without %s', async (name) => {
  const { [name]: _, ...rest } = whole;
  await expectRejection(() => open(rest), 'ERR_KLEIO_FORMAT', name);
});

it.each(names)('is refused with %s one wider', async (name) => {
  const [first = 0, ...others] = whole[name]!.shape;
  const widened = [first + 1, ...others];
  const length = widened.reduce((product, extent) => product * extent, 1);
  const values =
    name === 'item.ids'
      ? BigInt64Array.from({ length }, (_, at) => BigInt(at))
      : new Float32Array(length);
  const changed = { ...whole, [name]: { shape: widened, values } };
  // A wider node table is that of another tree, which the search says.
  if (name === 'node.embeddings') {
    using scorer = await open(changed);
    using history = new History(corpus.table);
    const asked = { scorer, history, user: Float32Array.of(1, 2), beam: 5, n: 5 };
    await expectRejection(() => tree.search(asked), 'ERR_KLEIO_SHAPE', '60', '59');
    return;
  }
  await expectRejection(() => open(changed), 'ERR_KLEIO_SHAPE');
});

it.each(names.filter((name) => name !== 'item.ids'))('is refused with NaN in %s', async (name) => {
  const { shape: of, values } = whole[name]!;
  const damaged = (values as Float32Array).slice();
  damaged[damaged.length - 1] = Number.NaN;
  const changed = { ...whole, [name]: { shape: of, values: damaged } };
  await expectRejection(() => open(changed), 'ERR_KLEIO_NOT_FINITE', name);
});

it('is refused with a layer that it does not know, an id twice, a temperature of 0', async () => {
  const extra = { ...whole, 'esu.mm.bias': { shape: [1], values: Float32Array.of(1) } };
  await expectRejection(() => open(extra), 'ERR_KLEIO_FORMAT', 'esu.mm.bias');
  const values = (whole['item.ids']!.values as BigInt64Array).slice();
  values[1] = values[0]!;
  const twice = { ...whole, 'item.ids': { shape: [values.length], values } };
  await expectRejection(() => open(twice), 'ERR_KLEIO_DUPLICATE_ID', 'item.ids');
  const cold = { shape: [1, 1], values: Float32Array.of(0) };
  const zero = { ...whole, 'esu.mm.temperatures': cold };
  await expectRejection(() => open(zero), 'ERR_KLEIO_RANGE', 'temperatures');
});

it.each([
  [{ kind: 'din' }, 'ERR_KLEIO_RANGE', "'miss'"],
  [{ keep_top: '0' }, 'ERR_KLEIO_FORMAT', 'keep_top'],
  [{ keep_top: '0x10' }, 'ERR_KLEIO_FORMAT', '"0x10"'],
  [{ keep_top: untyped(true) }, 'ERR_KLEIO_FORMAT', 'got true'],
  [{ keep_top: untyped(null) }, 'ERR_KLEIO_FORMAT', 'got null'],
  [{ keep_top: untyped(undefined) }, 'ERR_KLEIO_FORMAT', "has no 'keep_top'"],
  [{ co_gsu: 'inner product' }, 'ERR_KLEIO_RANGE', "'inner'"],
  [{ lists: 'union', esu: 'semantic' }, 'ERR_KLEIO_FORMAT', 'separate'],
  [{ tier_width: 'wide' }, 'ERR_KLEIO_FORMAT', 'tier_width'],
  [{ user_width: '3' }, 'ERR_KLEIO_SHAPE', 'mlp.0.weight'],
])('is refused with the settings %j', async (changed, code, text) => {
  await expectRejection(() => open(whole, { ...metadata, ...untyped(changed) }), code, text);
});

it.each([
  ['tier_width', 'tierWidth'],
  ['co_gsu', 'co-gsu'],
  ['esu', 'ESU'],
])('is refused with the setting %s as %s', async (name, slip) => {
  const { [name]: value, ...others } = metadata;
  const misspelled = { ...others, [slip]: value! };
  await expectRejection(() => open(whole, misspelled), 'ERR_KLEIO_FORMAT', slip, `'${name}'?`);
});

it('gives defined results where its numbers overflow', async () => {
  const huge = Object.fromEntries(
    Object.entries(whole).map(([name, tensor]) => {
      if (!name.startsWith('mlp.')) return [name, tensor];
      return [name, { ...tensor, values: (tensor.values as Float32Array).map(() => 3e38) }];
    }),
  );
  using scorer = await open(huge);
  using history = new History(corpus.table);
  history.append(Int32Array.of(1, 2, 3));
  const asked = { scorer, history, user: Float32Array.of(1, -2), beam: 5, n: 60 };
  const { items, logits } = await tree.search(asked);
  expect(items.length).toBeGreaterThan(0);
  expect(logits.some(Number.isNaN)).toBe(false);
});
