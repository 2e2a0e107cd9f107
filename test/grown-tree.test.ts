/** Items that are inserted into a tree are in its table, whoever else appends to that. */
import fc from 'fast-check';
import { EmbeddingTable, History, IndexTree } from 'kleio';
import { afterAll, describe, expect, it } from 'vitest';
import { expectRejection } from './cases/coded-errors.js';
import { times } from './cases/extent.js';
import { Random } from './cases/random.js';
import { drawScorer, scorerShapes } from './cases/tree-scorers.js';
import { drawCorpus, drawIds, drawValues, TreeFolder } from './cases/trees.js';
import { DTYPES, type Elements } from './oracle/float-formats.js';

const seed = Number(process.env.KLEIO_SEED);
const folder = new TreeFolder();
afterAll(() => folder.clear());

const ids = (...numbers: number[]) => BigInt64Array.from(numbers, BigInt);

describe.each(DTYPES)('a tree over %s', (dtype) => {
  it('is the same whoever else appends to its table, which has all that was inserted', async () => {
    for (let round = 0; round < times(10, 2); round += 1) {
      const random = new Random(seed + round);
      const shape = { items: 60, dim: random.integer(1, 20), dtype, family: 'clustered' } as const;
      const corpus = drawCorpus(shape, random);
      const { values, dim } = corpus;
      const apart = EmbeddingTable.from(values, { dim, dtype, ids: corpus.ids });
      using tree = await IndexTree.build(corpus.table);
      using twin = await IndexTree.build(apart);
      const present = new Map<bigint, Elements | undefined>(
        [...corpus.ids].map((id) => [id, undefined]),
      );
      const pool = [...corpus.ids, ...drawIds(60, random)];
      for (let step = 0; step < 8; step += 1) {
        const others = BigInt64Array.from(new Set([random.pick(pool), ...drawIds(2, random)]));
        const appended = drawValues({ ...shape, items: others.length }, random);
        corpus.table.append(appended, { ids: others, duplicates: random.pick(['first', 'last']) });

        const leaving = [...present.keys()].filter(() => random.chance(0.3));
        for (const each of [tree, twin]) {
          expect(await each.remove(BigInt64Array.from(leaving))).toBe(leaving.length);
        }
        for (const id of leaving) present.delete(id);
        const coming = [...new Set(pool)].filter((id) => !present.has(id) && random.chance(0.3));
        const arriving = drawValues({ ...shape, items: coming.length }, random);
        for (const each of [tree, twin]) await each.insert(BigInt64Array.from(coming), arriving);
        coming.forEach((id, at) => {
          present.set(id, arriving.slice(at * dim, (at + 1) * dim));
        });
        const read = tree.table.read(BigInt64Array.from(coming));
        expect(read).toEqual(arriving);
        expect(await folder.bytesOf(tree)).toEqual(await folder.bytesOf(twin));
      }
      expect(tree.table.rows).toBe(corpus.table.rows);
      for (const [id, embedding] of present) {
        if (embedding !== undefined)
          expect(twin.table.read(BigInt64Array.of(id))).toEqual(embedding);
      }
    }
  });
});

it('gives a scorer the same behaviours as when it was saved and opened', () => {
  const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
  const property = fc.asyncProperty(seeds, scorerShapes, async (of, shape) => {
    const random = new Random(of);
    const drawn = {
      items: random.pick([1, 30]),
      dim: random.integer(1, 20),
      dtype: random.pick(DTYPES),
      family: 'clustered',
    } as const;
    const corpus = drawCorpus(drawn, random);
    const tree = await IndexTree.build(corpus.table);
    // It was made before the items came.
    using history = new History(tree.table);
    const coming = BigInt64Array.from({ length: 25 }, (_, at) => 2n ** 59n + BigInt(at));
    await tree.insert(coming, drawValues({ ...drawn, items: 25 }, random));
    const known = [...corpus.ids, ...coming];
    const behaviours = BigInt64Array.from({ length: 60 }, () => random.pick(known));
    history.append(behaviours);
    const user = Float32Array.from({ length: shape.userWidth }, () => random.normal());
    const file = drawScorer(shape, { ids: known, builtInner: tree.builtInner }, random);
    using scorer = await folder.openScorer(file);
    const asked = { scorer, user, beam: 8, n: 20 };
    const found = await tree.search({ ...asked, history });
    using opened = await folder.reopened(tree);
    using again = new History(opened.table);
    again.append(behaviours);
    const expected = await opened.search({ ...asked, history: again });
    expect([found.items, found.logits]).toEqual([expected.items, expected.logits]);
  });
  return fc.assert(property, { numRuns: times(60, 6), seed });
});

describe('an insertion', () => {
  const make = async () => {
    const table = EmbeddingTable.from(Int8Array.of(9, 1, 1, 9), { dim: 2, ids: ids(1, 2) });
    return { table, tree: await IndexTree.build(table) };
  };

  it('that is refused leaves the table as it is', async () => {
    const { table, tree } = await make();
    const refused = () => tree.insert(ids(3, 1), Int8Array.of(1, 2, 3, 4));
    await expectRejection(refused, 'ERR_KLEIO_DUPLICATE_ID');
    await expectRejection(() => tree.insert(ids(3), Int8Array.of(1)), 'ERR_KLEIO_SHAPE');
    expect([table.rows, tree.table.rows, ...table.rowsOf(ids(1, 3))]).toEqual([2, 2, 0, -1]);
  });

  it('is in the table that the tree was built over, and takes rows that are there', async () => {
    const { table, tree } = await make();
    table.append(Int8Array.of(5, 5), { ids: ids(3) });
    expect(await tree.insert(ids(3, 4), Int8Array.of(5, 5, 6, 6))).toBe(2);
    expect([table.rows, ...table.rowsOf(ids(3, 4))]).toEqual([4, 2, 3]);
    const other = await IndexTree.build(table);
    expect(other.items).toBe(4);
    expect(await tree.remove(ids(3))).toBe(1);
    expect(await tree.insert(ids(3), Int8Array.of(5, 5))).toBe(1);
    expect([table.rows, table.duplicates]).toEqual([4, 0]);
    await tree.remove(ids(3));
    await tree.insert(ids(3), Int8Array.of(7, 7));
    expect([table.rows, table.duplicates, ...table.read(ids(3))]).toEqual([5, 1, 7, 7]);
    // The other tree has the item as it was.
    const { logits } = await other.search({
      user: Float32Array.of(1, 0),
      beam: 9,
      n: 9,
      allow: ids(3),
    });
    expect([...logits]).toEqual([5]);
  });

  it('of a tree over a table without ids leaves that alone', async () => {
    const table = EmbeddingTable.from(Float32Array.of(9, 1, 1, 9), { dim: 2 });
    const tree = await IndexTree.build(table);
    await tree.insert(ids(7), Float32Array.of(3, 4));
    table.append(Float32Array.of(0, 1));
    await tree.remove(ids(7));
    await tree.insert(ids(2, 7), Float32Array.of(3, 4, 5, 6));
    expect([table.rows, tree.items]).toEqual([3, 4]);
    const opened = await folder.reopened(tree);
    expect([...opened.table.read(ids(0, 2, 7))]).toEqual([9, 1, 3, 4, 5, 6]);
  });

  it('does not wait for a table that grows meanwhile, nor that for it', async () => {
    const { table, tree } = await make();
    const inserting = [];
    for (let at = 0; at < 50; at += 1) {
      inserting.push(tree.insert(ids(100 + at), Int8Array.of(at, 1)));
      table.append(Int8Array.of(1, at), { ids: ids(1000 + at) });
    }
    await Promise.all(inserting);
    expect([table.rows, tree.items]).toEqual([102, 52]);
    for (let at = 0; at < 50; at += 1) {
      expect([...table.read(ids(100 + at, 1000 + at))]).toEqual([at, 1, 1, at]);
    }
  });
});
