/** The tree that is built, saved and changed: its shape, its means, its bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { EmbeddingTable, IndexTree, type TreeSplit } from 'kleio';
import { afterAll, describe, expect, it } from 'vitest';
import { expectRejection } from './cases/coded-errors.js';
import { FAMILY_NAMES } from './cases/embeddings.js';
import { exhaustive } from './cases/extent.js';
import { Random } from './cases/random.js';
import { safetensorsOf } from './cases/tensor-files.js';
import { drawCorpus, drawIds, drawValues, TreeFolder } from './cases/trees.js';
import { DTYPES, elementsOf, numbersOf } from './oracle/float-formats.js';
import { itemsBelow, levelsOf, type OracleTree } from './oracle/tree.js';

const seed = Number(process.env.KLEIO_SEED);
const folder = new TreeFolder();
afterAll(() => folder.clear());

/** Every item has one leaf, and every inner node the mean over its leaves, rounded once. */
function expectSound(tree: OracleTree, items: number): void {
  expect(tree.nodes.length).toBe(Math.max(2 * items - 1, 0));
  const leaves = tree.nodes.filter(({ children }) => children === undefined);
  expect(leaves.map(({ item }) => item).sort((a, b) => a - b)).toEqual([...Array(items).keys()]);
  if (items > 0) expect(itemsBelow(tree, 0)).toHaveLength(items);
  for (const { index, children, mean } of tree.nodes) {
    if (children === undefined) continue;
    const below = itemsBelow(tree, index).map((item) => tree.embeddings[item] as Float64Array);
    const exact = mean.map((_, d) => below.reduce((sum, row) => sum + row[d]!, 0) / below.length);
    const step = exact.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 127;
    mean.forEach((value, d) => {
      const wanted = exact[d] as number;
      const magnitude = below.reduce((sum, row) => sum + Math.abs(row[d]!), 0);
      const slack =
        tree.dtype === 'int8'
          ? step * 0.50001
          : roundingOf(tree.dtype, wanted) + 2 * magnitude * SUMMATION + Number.MIN_VALUE;
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(slack);
    });
  }
}

/** A mean of n numbers summed in another order differs by at most this times their magnitudes. */
const SUMMATION = 2 ** -52;

/** How far a mean is from the nearest element. */
function roundingOf(dtype: OracleTree['dtype'], value: number): number {
  const [rounded] = numbersOf(elementsOf(Float64Array.of(value), dtype), dtype);
  return Math.abs((rounded as number) - value);
}

const depthOf = (items: number) => Math.ceil(Math.log2(Math.max(items, 1)));

describe.each(DTYPES)('a tree over %s', (dtype) => {
  it.each(FAMILY_NAMES)(
    'of %s rows has every item once, and means of its leaves',
    async (family) => {
      const random = new Random(seed);
      for (const items of [1, 2, 3, random.integer(4, 70), random.integer(71, 400)]) {
        const corpus = drawCorpus({ items, dim: random.integer(1, 20), dtype, family }, random);
        for (const split of ['balanced', 'plain'] as const) {
          using tree = await IndexTree.build(corpus.table, { seed: items, split });
          const read = await folder.read(tree);
          expectSound(read, items);
          expect(read.ids).toEqual([...corpus.ids]);
          expect(levelsOf(read).length - 1).toBe(tree.depth);
          if (split === 'balanced') expect(tree.depth).toBe(depthOf(items));
        }
      }
    },
  );
});

it('halves the items at every node of a balanced tree', async () => {
  const shape = { items: 777, dim: 8, dtype: 'int8', family: 'clustered' } as const;
  const corpus = drawCorpus(shape, new Random(seed));
  using tree = await IndexTree.build(corpus.table);
  const read = await folder.read(tree);
  for (const { children } of read.nodes) {
    if (children === undefined) continue;
    const [left, right] = children.map((child) => itemsBelow(read, child).length);
    expect(left! - right!).toBeOneOf([0, 1]);
  }
  expect(await tree.quality()).toMatchObject({ items: 777, depth: 10, balance: 1 });
});

it('keeps planted clusters together', async () => {
  const random = new Random(seed);
  const [clusters, members, dim] = [16, 32, 16];
  const values = new Int8Array(clusters * members * dim);
  const order = [...Array(clusters * members).keys()].sort(() => random.uniform() - 0.5);
  const centres = Int8Array.from({ length: clusters * dim }, () => random.integer(-100, 100));
  for (const [at, item] of order.entries()) {
    for (let d = 0; d < dim; d += 1) {
      values[item * dim + d] = centres[(at % clusters) * dim + d]! + random.integer(-9, 9);
    }
  }
  const clusterOf = new Map(order.map((item, at) => [item, at % clusters]));
  using tree = await IndexTree.build(EmbeddingTable.from(values, { dim }), { split: 'plain' });
  const read = await folder.read(tree);
  const whole = read.nodes.filter(({ index }) => {
    const below = itemsBelow(read, index);
    return below.length === members && new Set(below.map((item) => clusterOf.get(item))).size === 1;
  });
  expect(whole.length).toBeGreaterThanOrEqual(clusters - 2);
});

describe('the bytes of a tree', () => {
  const shapes = [
    { items: 30_000, dim: 4, dtype: 'int8', family: 'clustered' },
    { items: 3000, dim: 1024, dtype: 'int8', family: 'normal' },
    { items: 5000, dim: 16, dtype: 'float32', family: 'duplicated' },
    { items: 5000, dim: 7, dtype: 'bfloat16', family: 'normal' },
  ] as const;

  it.each(shapes)('are those of the seed for any number of threads: %j', async (shape) => {
    const corpus = drawCorpus(shape, new Random(seed));
    const bytesWith = async (threads: number, split: TreeSplit, of = 5) => {
      using tree = await IndexTree.build(corpus.table, { threads, split, seed: of });
      return await folder.bytesOf(tree);
    };
    for (const split of ['balanced', 'plain'] as const) {
      const alone = await bytesWith(1, split);
      for (const threads of exhaustive ? [2, 3, 8] : [3]) {
        expect(alone.equals(await bytesWith(threads, split))).toBe(true);
      }
      if (shape.family === 'normal') expect(alone.equals(await bytesWith(2, split, 6))).toBe(false);
    }
  });

  it('survive opening and saving again', async () => {
    const corpus = drawCorpus(shapes[2], new Random(seed));
    using tree = await IndexTree.build(corpus.table, { seed: 3 });
    const [first, second] = [folder.path(), folder.path()];
    await tree.save(first);
    using opened = await IndexTree.open(first);
    await opened.save(second);
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
    expect([opened.items, opened.depth, opened.dim, opened.dtype]).toEqual([
      5000,
      13,
      16,
      'float32',
    ]);
    expect(opened.table.rowsOf(corpus.ids.slice(0, 3))).toEqual(Int32Array.of(0, 1, 2));
  });
});

describe('a damaged file is refused', () => {
  const saved = async () => {
    const shape = { items: 100, dim: 8, dtype: 'int8', family: 'normal' } as const;
    using tree = await IndexTree.build(drawCorpus(shape, new Random(seed)).table);
    const path = folder.path();
    await tree.save(path);
    return { path, bytes: readFileSync(path) };
  };

  it('wherever one bit of it has changed', async () => {
    const { bytes } = await saved();
    const random = new Random(seed);
    // All of them first: a file that has just been written is read a while later.
    const paths: string[] = [];
    for (let at = 0; at < bytes.length; at += random.integer(1, 40)) {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= 1 << random.integer(0, 7);
      const path = folder.path();
      writeFileSync(path, damaged);
      paths.push(path);
    }
    for (const path of paths) await expectRejection(() => IndexTree.open(path), 'ERR_KLEIO_FORMAT');
  });

  it('wherever it ends early', async () => {
    const { path, bytes } = await saved();
    for (const end of [0, 7, 8, 100, bytes.length / 2, bytes.length - 1].map(Math.floor)) {
      writeFileSync(path, bytes.subarray(0, end));
      await expectRejection(() => IndexTree.open(path), 'ERR_KLEIO_FORMAT');
    }
  });

  it('when it is of another version, or no tree', async () => {
    const { path, bytes } = await saved();
    const text = bytes.toString('latin1').replace('"version":"1"', '"version":"2"');
    writeFileSync(path, Buffer.from(text, 'latin1'));
    await expectRejection(
      () => IndexTree.open(path),
      'ERR_KLEIO_FORMAT',
      'version "2"',
      'version 1',
    );
    writeFileSync(path, safetensorsOf({}, { some: 'model' }));
    await expectRejection(() => IndexTree.open(path), 'ERR_KLEIO_FORMAT', 'no index tree');
    await expectRejection(() => IndexTree.open(`${path}-absent`), 'ERR_KLEIO_FILE');
  });
});

describe('a change', () => {
  it.each(DTYPES)('of a tree over %s leaves it sound', async (dtype) => {
    const random = new Random(seed);
    const family = random.pick(FAMILY_NAMES);
    const shape = { items: 150, dim: 6, dtype, family } as const;
    const corpus = drawCorpus(shape, random);
    using tree = await IndexTree.build(corpus.table);
    const present = new Set(corpus.ids);
    const absent = [...drawIds(400, random)].filter((id) => !present.has(id));
    for (let round = 0; round < 12; round += 1) {
      const leaving = [...present].filter(() => random.chance(round === 6 ? 1 : 0.3));
      expect(await tree.remove(BigInt64Array.from(leaving))).toBe(leaving.length);
      for (const id of leaving) present.delete(id);
      absent.push(...leaving);
      const coming = absent.splice(0, random.integer(0, 90));
      const values = drawValues({ ...shape, items: coming.length }, random);
      expect(await tree.insert(BigInt64Array.from(coming), values)).toBe(coming.length);
      for (const id of coming) present.add(id);
      const read = await folder.read(tree);
      expectSound(read, present.size);
      expect(new Set(read.ids)).toEqual(present);
      expect([tree.items, tree.depth]).toEqual([
        present.size,
        Math.max(levelsOf(read).length - 1, 0),
      ]);
    }
  });

  it('counts, and shows in the drift', async () => {
    const shape = { items: 300, dim: 8, dtype: 'int8', family: 'normal' } as const;
    const random = new Random(seed);
    const corpus = drawCorpus(shape, random);
    using tree = await IndexTree.build(corpus.table);
    expect((await tree.quality()).drift).toEqual({ inserted: 0, removed: 0, moved: 0 });
    await tree.remove(corpus.ids.slice(0, 200));
    await tree.insert(corpus.ids.slice(0, 50), drawValues({ ...shape, items: 50 }, random));
    const { drift, items } = await tree.quality();
    expect([drift.inserted, drift.removed, items]).toEqual([50, 200, 150]);
    expect(drift.moved).toBeGreaterThan(0.01);
    const path = folder.path();
    await tree.save(path);
    using opened = await IndexTree.open(path);
    expect((await opened.quality()).drift).toEqual(drift);
  });

  it('waits for the one before it, and is not seen by searches that run', async () => {
    const shape = { items: 2000, dim: 16, dtype: 'int8', family: 'normal' } as const;
    const random = new Random(seed);
    const corpus = drawCorpus(shape, random);
    using tree = await IndexTree.build(corpus.table);
    const search = {
      user: Float32Array.from({ length: 16 }, () => random.normal()),
      beam: 50,
      n: 9,
    };
    const before = (await tree.search(search)).items;
    const running = tree.search(search);
    const values = drawValues({ ...shape, items: 40 }, random) as Int8Array;
    const changes = Array.from({ length: 40 }, (_, at) =>
      tree.insert(BigInt64Array.of(2n ** 62n + BigInt(at)), values.slice(at * 16, at * 16 + 16)),
    );
    const leaving = tree.remove(before);
    expect((await running).items).toEqual(before);
    expect(await Promise.all(changes)).toEqual(new Array(40).fill(1));
    expect(await leaving).toBe(9);
    expect(tree.items).toBe(2031);
    const after = (await tree.search(search)).items;
    expect([...after].filter((id) => before.includes(id))).toEqual([]);
  });

  it('finds what was inserted', async () => {
    const shape = { items: 5000, dim: 16, dtype: 'int8', family: 'clustered' } as const;
    const random = new Random(seed);
    const corpus = drawCorpus(shape, random);
    using tree = await IndexTree.build(corpus.table);
    const like = corpus.values.slice(0, 16) as Int8Array;
    await tree.insert(BigInt64Array.of(2n ** 62n), like);
    const allow = BigInt64Array.of(2n ** 62n, corpus.ids[7]!);
    const { items } = await tree.search({ user: Float32Array.from(like), beam: 2, n: 2, allow });
    expect(new Set(items)).toEqual(new Set(allow));
    expect(levelsOf(await folder.read(tree)).length).toBeLessThan(16);
  });
});

it('reports progress that rises to 1', async () => {
  const shape = { items: 20_000, dim: 64, dtype: 'int8', family: 'normal' } as const;
  const corpus = drawCorpus(shape, new Random(seed));
  const seen: number[] = [];
  (
    await IndexTree.build(corpus.table, { threads: 1, onProgress: (done) => seen.push(done) })
  ).close();
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
});
