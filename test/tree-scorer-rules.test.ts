/**
 * Rules of a scorer in docs/tree.md, one by one, by scorers of a handful of weights: an MLP of one layer that picks one
 * element of its input shows what the scorer made of a node.
 */
import { EmbeddingTable, History, IndexTree, TreeScorer, type TreeSearch } from 'kleio';
import { afterAll, describe, expect, it } from 'vitest';
import { expectRejection } from './cases/coded-errors.js';
import { TreeFolder } from './cases/trees.js';
import { leastTiers } from './oracle/simtier.js';

const folder = new TreeFolder();
afterAll(() => folder.clear());

type Weights = Exclude<Parameters<typeof TreeScorer.open>[0], string | URL>;
type Tensors = Weights['tensors'];

const matrix = (rows: readonly (readonly number[])[]) => ({
  shape: [rows.length, rows[0]!.length],
  values: Float32Array.from(rows.flat()),
});

const identity = (width: number) =>
  matrix(
    Array.from({ length: width }, (_, row) =>
      Array.from({ length: width }, (__, column) => Number(row === column)),
    ),
  );

/** Attention of one head over the embeddings themselves. */
const plainList = (name: string, width: number): Tensors => ({
  [`${name}.heads.0.query.weight`]: identity(width),
  [`${name}.heads.0.key.weight`]: identity(width),
  [`${name}.heads.0.value.weight`]: identity(width),
  [`${name}.output.weight`]: identity(width),
});

/** Items 1, 2, … have these ID embeddings; inner nodes have zeros. */
const embeddings = (rows: readonly (readonly number[])[]): Tensors => {
  const none = rows[0]!.map(() => 0);
  return {
    'item.ids': {
      shape: [rows.length],
      values: BigInt64Array.from(rows, (_, at) => BigInt(at + 1)),
    },
    'item.embeddings': matrix([none, ...rows]),
    'node.embeddings': matrix(Array.from({ length: rows.length }, () => none)),
  };
};

interface Shown {
  readonly rows: readonly (readonly number[])[];
  readonly lists?: Tensors;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of the MLP's input. */
  readonly width: number;
}

/** What element `at` of the MLP's input is for a leaf. */
async function shown(
  { rows, lists, metadata, width }: Shown,
  at: number,
  {
    id,
    table,
    behaviours,
    ...search
  }: { id: bigint; table: EmbeddingTable; behaviours: Int32Array } & Partial<TreeSearch>,
): Promise<number> {
  const dim = rows[0]!.length;
  const picked = Array.from({ length: width }, (_, input) => Number(input === at));
  using scorer = await TreeScorer.open({
    tensors: {
      ...embeddings(rows),
      ...(lists ?? { ...plainList('esu.co', dim), ...plainList('esu.mm', dim) }),
      'mlp.0.weight': matrix([picked]),
      'mlp.0.bias': { shape: [1], values: Float32Array.of(0) },
    },
    metadata: { keep_top: '5', co_gsu: 'inner', ...metadata },
  });
  using tree = await IndexTree.build(table);
  using history = new History(table);
  history.append(behaviours);
  const asked = { scorer, history, beam: Infinity, n: 100, ...search };
  const { items, logits } = await tree.search(asked);
  return logits[items.indexOf(id)]!;
}

/** Items 1 and 2, whose multimodal embeddings are (1, 0) and the second row. */
const twoItems = (second: readonly number[] = [0, 1]) =>
  EmbeddingTable.from(Int8Array.of(1, 0, ...second), { dim: 2, ids: BigInt64Array.of(1n, 2n) });

/** Softmax over one place, and the floor. */
const ALONE = 1 + 1e-7;

describe('the mean of the recent', () => {
  const model = { rows: [[0.5], [3]], width: 4, metadata: { short_steps: '3' } };
  it.each([
    ['passes over behaviours without embedding', [1, 0, 1, -1, 0, -1], (0.5 + 3 + 0.5) / 3],
    ['is divided by the number found', [1, -1], 3],
    ['is 0 of none', [-1, -1], 0],
  ])('%s', async (_, behaviours, expected) => {
    const asked = { id: 1n, table: twoItems(), behaviours: Int32Array.from(behaviours) };
    // It does not hang on which lists are filled.
    for (const lists of ['both', 'none'] as const) {
      expect(await shown(model, 0, { ...asked, lists })).toBeCloseTo(expected, 6);
    }
  });

  it('counts an item whose multimodal row is zero', async () => {
    const asked = { id: 1n, table: twoItems([0, 0]), behaviours: Int32Array.of(1) };
    expect(await shown(model, 0, asked)).toBe(3);
  });

  it('wants a history where no list is filled', async () => {
    using tree = await IndexTree.build(twoItems());
    const tensors = {
      ...embeddings([[1], [1]]),
      ...plainList('esu.co', 1),
      ...plainList('esu.mm', 1),
    };
    const mlp = {
      'mlp.0.weight': matrix([[1, 1, 1]]),
      'mlp.0.bias': { shape: [1], values: new Float32Array(1) },
    };
    const metadata = { keep_top: '5', co_gsu: 'inner' };
    using scorer = await TreeScorer.open({ tensors: { ...tensors, ...mlp }, metadata });
    const asked = { scorer, beam: 1, n: 1, lists: 'none' } as const;
    await expectRejection(() => tree.search(asked), 'ERR_KLEIO_ARGUMENT', 'history');
  });
});

describe('a vector of zeros', () => {
  // Input: o_co, o_mm, e, of two elements each.
  const [co, mm] = [0, 2];

  it('as a key is never in the collaborative list', async () => {
    const model = {
      rows: [
        [0, 0],
        [1, 2],
      ],
      width: 6,
    };
    const asked = { id: 2n, table: twoItems(), behaviours: Int32Array.of(0, 1, 0, 0) };
    expect(await shown(model, co + 1, asked)).toBeCloseTo(2 * ALONE, 5);
    expect(await shown(model, mm + 1, asked)).toBeLessThan(1.9);
  });

  it('as a query empties it', async () => {
    const model = {
      rows: [
        [0, 0],
        [1, 2],
      ],
      width: 6,
    };
    const asked = { id: 1n, table: twoItems(), behaviours: Int32Array.of(1) };
    expect(await shown(model, co + 1, asked)).toBe(0);
    expect(await shown(model, mm + 1, asked)).toBeCloseTo(2 * ALONE, 5);
  });

  it('as a multimodal row is never in the multimodal list, and only there', async () => {
    const model = {
      rows: [
        [1, 1],
        [0, 5],
      ],
      width: 6,
    };
    const asked = { id: 1n, table: twoItems([0, 0]), behaviours: Int32Array.of(1) };
    expect(await shown(model, co + 1, asked)).toBeCloseTo(5 * ALONE, 5);
    expect(await shown(model, mm + 1, asked)).toBe(0);
    // And the leaf of that item has an empty list.
    expect(await shown(model, mm, { ...asked, id: 2n, behaviours: Int32Array.of(0) })).toBe(0);
  });
});

describe('the lists', () => {
  it('of twin: each head is divided by its root before the sum', async () => {
    const four = matrix([
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    const heads = (list: string) => ({
      [`${list}.heads.0.query.weight`]: matrix([[1, 0]]),
      [`${list}.heads.0.key.weight`]: matrix([[1, 0]]),
      [`${list}.heads.0.value.weight`]: matrix([[1, 0]]),
      [`${list}.heads.1.query.weight`]: four,
      [`${list}.heads.1.key.weight`]: four,
      [`${list}.heads.1.value.weight`]: matrix([
        [0, 1],
        [0, 2],
      ]),
      [`${list}.output.weight`]: identity(3),
    });
    // Item 3 looks for items 1, by 3, and 2, by 4 / sqrt(4).
    const rows = [
      [1, 0],
      [0, 1],
      [3, 1],
    ];
    const table = EmbeddingTable.from(Int8Array.of(1, 0, 0, 1, 1, 1), {
      dim: 2,
      ids: BigInt64Array.of(1n, 2n, 3n),
    });
    const lists = { ...heads('esu.co'), ...heads('esu.mm') };
    const model = { rows, lists, width: 8, metadata: { co_gsu: 'twin', keep_top: '1' } };
    const asked = { id: 3n, table, behaviours: Int32Array.of(0, 1) };
    expect(await shown(model, 0, asked)).toBeCloseTo(ALONE, 5);
    expect(await shown(model, 1, asked)).toBe(0);
    // Values of different widths lie side by side.
    const other = { ...asked, behaviours: Int32Array.of(1) };
    expect(await shown(model, 1, other)).toBeCloseTo(ALONE, 5);
    expect(await shown(model, 2, other)).toBeCloseTo(2 * ALONE, 5);
  });

  it('of a union: a behaviour once, and one o in the input', async () => {
    const lists = plainList('esu.union', 1);
    const model = { rows: [[1], [2]], lists, width: 2, metadata: { lists: 'union' } };
    const asked = { id: 1n, table: twoItems(), behaviours: Int32Array.of(0, 1) };
    const [first, second] = [Math.E / (Math.E + Math.E ** 2), Math.E ** 2 / (Math.E + Math.E ** 2)];
    expect(await shown(model, 0, asked)).toBeCloseTo(first + 2 * second, 5);
    expect(await shown(model, 1, asked)).toBe(1);
    const semantic = { ...model, metadata: { lists: 'union', esu: 'semantic' } };
    await expectRejection(() => shown(semantic, 0, asked), 'ERR_KLEIO_FORMAT', 'separate');
  });

  it('may differ in heads and outputs', async () => {
    const lists = {
      ...plainList('esu.co', 1),
      ...plainList('esu.mm', 1),
      'esu.mm.heads.1.query.weight': matrix([[1], [1]]),
      'esu.mm.heads.1.key.weight': matrix([[1], [1]]),
      'esu.mm.heads.1.value.weight': matrix([[2], [3]]),
      'esu.mm.output.weight': matrix([
        [0, 0, 1],
        [1, 1, 0],
      ]),
    };
    const asked = { id: 1n, table: twoItems(), behaviours: Int32Array.of(0) };
    const input = await Promise.all(
      [0, 1, 2, 3].map((at) => shown({ rows: [[1], [2]], lists, width: 4 }, at, asked)),
    );
    for (const [at, expected] of [1, 3, 3, 1].entries()) expect(input[at]).toBeCloseTo(expected, 5);
  });
});

describe('tiers', () => {
  const semantic = (width: number, tiers: number): Shown => ({
    rows: [[1], [2]],
    lists: {
      ...plainList('esu.co', 1),
      ...plainList('esu.mm', 1),
      'esu.mm.temperatures': matrix([[1]]),
      'esu.mm.gains': matrix([[1], [0], [0]]),
      'esu.mm.tier_weights': { shape: [1, tiers, 1], values: new Float32Array(tiers).fill(2) },
    },
    metadata: { esu: 'semantic', tier_width: String(width) },
    width: 3 + tiers,
  });
  const asked = () => ({ id: 1n, table: twoItems(), behaviours: Int32Array.of(0, 1, 0) });

  it.each([0.1, 0.4, 0.7, 0.003, 2])(
    'of width %d: as many weights as there are tiers, or more',
    async (width) => {
      const least = leastTiers(width);
      const inverse = Math.fround(1 / Math.fround(width));
      expect(least).toBe(Math.ceil(inverse) + Math.round(inverse) + 1);
      for (const tiers of [least, least + 1]) {
        // Two cosines are 1 and one is 0.
        const top = await shown(semantic(width, tiers), 2 + least - 1, asked());
        expect(top).toBeCloseTo(2 * Math.log(3), 5);
        const middle = await shown(semantic(width, tiers), 2 + Math.round(inverse), asked());
        expect(middle).toBeCloseTo(2 * Math.log(2), 5);
      }
      await expectRejection(
        () => shown(semantic(width, least - 1), 0, asked()),
        'ERR_KLEIO_SHAPE',
        `${least} tiers`,
      );
    },
  );

  it('are a millionth wide at least, and 2 at most', async () => {
    expect(await shown(semantic(1e-6, 2_000_001), 2 + 2_000_000, asked())).toBeCloseTo(
      2 * Math.log(3),
      5,
    );
    for (const width of [9e-7, 2.1, 0]) {
      await expectRejection(
        () => shown(semantic(width, 30), 0, asked()),
        'ERR_KLEIO_FORMAT',
        'tier_width',
      );
    }
  });
});

describe('a node that an insertion made', () => {
  it('of a tree built of one item has feature -1 and reads row 0', async () => {
    const table = EmbeddingTable.from(Int8Array.of(1, 0), { dim: 2, ids: BigInt64Array.of(1n) });
    using tree = await IndexTree.build(table);
    await tree.insert(BigInt64Array.of(2n, 3n), Int8Array.of(0, 1, 1, 1));
    expect(tree.builtInner).toBe(0);
    const { nodes } = await folder.read(tree);
    expect(nodes.filter(({ children }) => children).map(({ feature }) => feature)).toEqual([
      -1, -1,
    ]);
    using scorer = await TreeScorer.open({
      tensors: { ...embeddings([[5]]), 'node.embeddings': matrix([[7]]) },
      metadata: { kind: 'two-tower' },
    });
    const search = {
      scorer,
      user: Float32Array.of(2),
      beam: Infinity,
      n: 9,
      startLevel: 0,
      beams: true,
    };
    const { items, logits, levels } = await tree.search(search);
    expect(levels![0]).toEqual({ level: 0, nodes: Int32Array.of(0), logits: Float32Array.of(14) });
    // Items that the weights do not have are of row 0, too.
    expect(items[0]).toBe(1n);
    expect([...logits]).toEqual([10, 0, 0]);
  });

  it('takes the feature of the parent of the leaf that it grew from', async () => {
    const values = Int8Array.of(90, 0, 80, 10, 0, 90, 10, 80);
    using tree = await IndexTree.build(EmbeddingTable.from(values, { dim: 2 }));
    await tree.insert(BigInt64Array.of(100n), Int8Array.of(0, 91));
    const { nodes, ids } = await folder.read(tree);
    const parentOf = (index: number) => nodes.find(({ children }) => children?.includes(index))!;
    const grown = parentOf(nodes.find(({ item }) => item >= 0 && ids[item] === 100n)!.index);
    expect(grown.feature).toBe(parentOf(grown.index).feature);
    expect(nodes.filter(({ children }) => children)).toHaveLength(4);
  });
});
