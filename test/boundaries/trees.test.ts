/** What index trees make of hostile calls: a clear error, or the defined result. */
import { EmbeddingTable, IndexTree, TreeScorer } from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError, expectRejection, untyped } from '../cases/coded-errors.js';
import { detached } from '../cases/hostile-views.js';
import { Random } from '../cases/random.js';
import { drawCorpus, TreeFolder } from '../cases/trees.js';
import { DTYPES } from '../oracle/float-formats.js';

const folder = new TreeFolder();
afterAll(() => folder.clear());

const random = new Random(11);
const corpus = drawCorpus({ items: 60, dim: 4, dtype: 'int8', family: 'normal' }, random);
let tree: IndexTree;
beforeAll(async () => {
  tree = await IndexTree.build(corpus.table);
});
const user = Float32Array.of(1, 2, 3, 4);

describe('a corpus', () => {
  it('without items gives a tree without items', async () => {
    const none = EmbeddingTable.from(new Int8Array(), { dim: 3 });
    using empty = await IndexTree.build(none);
    expect([empty.items, empty.nodes, empty.depth, empty.builtInner]).toEqual([0, 0, 0, 0]);
    const search = { user: new Float32Array(3), beam: 5, n: 5 };
    expect((await empty.search(search)).items).toHaveLength(0);
    expect(await empty.quality()).toMatchObject({ items: 0, depth: 0, levels: [] });
    expect(await empty.remove(BigInt64Array.of(1n))).toBe(0);
    const path = folder.path();
    await empty.save(path);
    using opened = await IndexTree.open(path);
    expect(await opened.insert(BigInt64Array.of(9n, 8n), Int8Array.of(1, 2, 3, 3, 2, 1))).toBe(2);
    expect([...(await opened.search(search)).items].toSorted()).toEqual([8n, 9n]);
  });

  it('of one item is a tree of one leaf', async () => {
    using one = await IndexTree.build(EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2 }));
    expect([one.items, one.nodes, one.depth]).toEqual([1, 1, 0]);
    const { items, logits } = await one.search({ user: Float32Array.of(1, 1), beam: 1, n: 3 });
    expect([items, logits]).toEqual([BigInt64Array.of(0n), Float32Array.of(3)]);
    expect(await one.remove(BigInt64Array.of(0n, 0n))).toBe(1);
    expect(one.items).toBe(0);
  });

  it.each(DTYPES)('of %s says so', async (dtype) => {
    const drawn = drawCorpus({ items: 9, dim: 5, dtype, family: 'normal' }, random);
    using built = await IndexTree.build(drawn.table);
    expect([built.dtype, built.dim]).toEqual([dtype, 5]);
  });

  it('is done where its build ends, whether or not a signal could have stopped it', async () => {
    for (const signal of [undefined, new AbortController().signal]) {
      const seen: number[] = [];
      const onProgress = (done: number) => seen.push(done);
      const options = { onProgress, ...(signal && { signal }) };
      using _ = await IndexTree.build(corpus.table, options);
      expect(seen.at(-1)).toBe(1);
    }
  });

  it.each([0, 7])('of items that are all %d is divided in halves', async (value) => {
    const values = new Int8Array(1000 * 4).fill(value);
    for (const split of ['balanced', 'plain'] as const) {
      using equal = await IndexTree.build(EmbeddingTable.from(values, { dim: 4 }), { split });
      expect([equal.items, equal.depth]).toEqual([1000, 10]);
      const { items } = await equal.search({ user, beam: 10, n: 5 });
      expect(items).toHaveLength(5);
    }
  });

  it('of NaN is refused before there is a table', () => {
    const values = Float32Array.of(1, Number.NaN);
    expectError(() => EmbeddingTable.from(values, { dim: 2 }), 'ERR_KLEIO_NOT_FINITE', 'column 1');
  });

  it('of the largest and smallest floats has a tree', async () => {
    const values = Float32Array.from({ length: 400 }, () => random.pick([3e38, -3e38, 1e-45, 0]));
    for (const split of ['balanced', 'plain'] as const) {
      using wild = await IndexTree.build(EmbeddingTable.from(values, { dim: 4 }), { split });
      const { items, logits } = await wild.search({ user, beam: 20, n: 10 });
      expect([items.length, logits.some(Number.isNaN)]).toEqual([10, false]);
    }
  });
});

describe('build', () => {
  it.each([
    [{ split: 'halves' }, 'ERR_KLEIO_RANGE', "'balanced'"],
    [{ seed: -1 }, 'ERR_KLEIO_RANGE', 'seed'],
    [{ seed: 0.5 }, 'ERR_KLEIO_RANGE', 'seed'],
    [{ threads: 0 }, 'ERR_KLEIO_RANGE', 'threads'],
    [{ sed: 1 }, 'ERR_KLEIO_ARGUMENT', "'seed'"],
    [null, 'ERR_KLEIO_ARGUMENT', 'object'],
  ])('refuses %j', async (options, code, text) => {
    await expectRejection(() => IndexTree.build(corpus.table, untyped(options)), code, text);
  });

  it('refuses what is no table, or closed', async () => {
    for (const table of [undefined, {}, new Int8Array(4), IndexTree]) {
      await expectRejection(() => IndexTree.build(untyped(table)), 'ERR_KLEIO_ARGUMENT', 'table');
    }
    const closed = EmbeddingTable.from(Int8Array.of(1), { dim: 1 });
    closed.close();
    await expectRejection(() => IndexTree.build(closed), 'ERR_KLEIO_CLOSED');
  });

  it('stops at its signal', async () => {
    const values = Int8Array.from({ length: 40_000 * 64 }, () => random.integer(-99, 99));
    const table = EmbeddingTable.from(values, { dim: 64 });
    const controller = new AbortController();
    const building = IndexTree.build(table, { signal: controller.signal, threads: 1 });
    controller.abort(new Error('enough'));
    await expect(building).rejects.toThrow('enough');
  });
});

describe('search', () => {
  it.each([
    [{ user, n: 1 }, 'ERR_KLEIO_ARGUMENT', 'beam'],
    [{ user, beam: 0, n: 1 }, 'ERR_KLEIO_RANGE', 'beam'],
    [{ user, beam: Number.NaN, n: 1 }, 'ERR_KLEIO_RANGE', 'beam'],
    [{ user, beam: 1, n: 0 }, 'ERR_KLEIO_RANGE', 'n'],
    [{ user, beam: 1, n: Infinity }, 'ERR_KLEIO_RANGE', 'n'],
    [{ user, beam: 1, n: 1, startLevel: -2 }, 'ERR_KLEIO_RANGE', 'startLevel'],
    [{ user: [1, 2, 3, 4], beam: 1, n: 1 }, 'ERR_KLEIO_ARGUMENT', 'Float32Array'],
    [{ user: new Float32Array(3), beam: 1, n: 1 }, 'ERR_KLEIO_SHAPE', 'user'],
    [{ beam: 1, n: 1 }, 'ERR_KLEIO_SHAPE', 'user'],
    [{ user: Float32Array.of(1, NaN, 0, 0), beam: 1, n: 1 }, 'ERR_KLEIO_NOT_FINITE', 'index 1'],
    [{ user, beam: 1, n: 1, allow: [1n] }, 'ERR_KLEIO_ARGUMENT', 'allow'],
    [{ user, beam: 1, n: 1, block: Int32Array.of(1) }, 'ERR_KLEIO_ARGUMENT', 'block'],
    [{ user, beam: 1, n: 1, lists: 'all' }, 'ERR_KLEIO_RANGE', "'both'"],
    [{ user, beam: 1, n: 1, scorer: {} }, 'ERR_KLEIO_ARGUMENT', 'TreeScorer'],
    [{ user, beam: 1, n: 1, history: corpus.table }, 'ERR_KLEIO_ARGUMENT', 'History'],
    [{ user, beam: 1, n: 1, signal: {} }, 'ERR_KLEIO_ARGUMENT', 'signal'],
    [{ user, baem: 1, n: 1 }, 'ERR_KLEIO_ARGUMENT', "'beam'"],
  ])('refuses search %#', async (search, code, text) => {
    await expectRejection(() => tree.search(untyped(search)), code, text);
  });

  it('may be asked for more than there is, or for nothing that there is', async () => {
    const all = await tree.search({ user, beam: 2 ** 31 - 2, n: 2 ** 31 - 2, startLevel: 1e9 });
    expect(all.items).toHaveLength(60);
    const nothing = { user, beam: 5, n: 5, allow: new BigInt64Array() };
    expect((await tree.search(nothing)).items).toHaveLength(0);
    const blocked = await tree.search({ user, beam: 5, n: 5, block: corpus.ids, beams: true });
    expect([blocked.items.length, blocked.scored, blocked.levels]).toEqual([0, 0, []]);
  });

  it('has copied its arrays', async () => {
    const asked = () => ({ user: user.slice(), allow: corpus.ids.slice(0, 30), beam: 9, n: 9 });
    const expected = (await tree.search(asked())).items;
    const taken = asked();
    const running = tree.search(taken);
    detached(taken.user);
    detached(taken.allow);
    expect((await running).items).toEqual(expected);
    await expectRejection(() => tree.search(taken), 'ERR_KLEIO_ARGUMENT', 'memory');
  });
});

describe('changes', () => {
  const row = Int8Array.of(1, 2, 3, 4);
  it.each([
    [BigInt64Array.of(2n ** 61n), Int8Array.of(1, 2, 3), 'ERR_KLEIO_SHAPE', 'multiple'],
    [BigInt64Array.of(2n ** 61n), new Int8Array(8), 'ERR_KLEIO_SHAPE', 'id'],
    [BigInt64Array.of(2n ** 61n), Float32Array.of(1, 2, 3, 4), 'ERR_KLEIO_DTYPE', 'int8'],
    [BigInt64Array.of(1n, 1n), new Int8Array(8), 'ERR_KLEIO_DUPLICATE_ID', 'twice'],
    [corpus.ids.slice(5, 6), row, 'ERR_KLEIO_DUPLICATE_ID', 'in the tree'],
    [Int32Array.of(1), row, 'ERR_KLEIO_ARGUMENT', 'BigInt64Array'],
  ])('refuse insertion %#', async (ids, values, code, text) => {
    await expectRejection(() => tree.insert(untyped(ids), untyped(values)), code, text);
    expect(tree.items).toBe(60);
  });

  it('refuse floats that are not finite', async () => {
    using floats = await IndexTree.build(EmbeddingTable.from(Float32Array.of(1, 2), { dim: 2 }));
    const values = Float32Array.of(1, Infinity);
    const insert = () => floats.insert(BigInt64Array.of(7n), values);
    await expectRejection(insert, 'ERR_KLEIO_NOT_FINITE', 'column 1');
  });

  // The slice of a Buffer is its own memory again, and changes wait for each other.
  it.each([Uint8Array.from, Buffer.from])(
    'take the values as they were, from any bytes',
    async (from) => {
      const ids = BigInt64Array.of(1n, 2n);
      const values = Uint8Array.of(0x38, 0, 0, 0x38);
      const table = EmbeddingTable.from(values, { dim: 2, ids, dtype: 'float8' });
      using changed = await IndexTree.build(table);
      const first = changed.insert(BigInt64Array.of(3n), Uint8Array.of(0x40, 0x38));
      const bytes = from.call(Uint8Array, [0x38, 0x40]);
      const second = changed.insert(BigInt64Array.of(4n), bytes);
      bytes.fill(0x7f);
      expect([await first, await second, changed.items]).toEqual([1, 1, 4]);
    },
  );

  it('go on after one that failed', async () => {
    using changed = await IndexTree.build(corpus.table);
    const failing = changed.insert(corpus.ids.slice(0, 1), row);
    const after = changed.insert(BigInt64Array.of(2n ** 61n), row);
    await expectRejection(() => failing, 'ERR_KLEIO_DUPLICATE_ID');
    expect([await after, changed.items]).toEqual([1, 61]);
  });
});

describe('a closed tree', () => {
  it('says so, also to changes that wait', async () => {
    const closed = await IndexTree.build(corpus.table);
    const waiting = [corpus.ids.slice(0, 5), corpus.ids.slice(5, 9)].map((ids) =>
      closed.remove(ids),
    );
    closed.close();
    closed.close();
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
    const search = { user, beam: 1, n: 1 };
    await expectRejection(() => closed.search(search), 'ERR_KLEIO_CLOSED');
    await expectRejection(() => closed.quality(), 'ERR_KLEIO_CLOSED');
    await expectRejection(() => closed.save(folder.path()), 'ERR_KLEIO_CLOSED');
    await expectRejection(
      () => closed.insert(new BigInt64Array(), new Int8Array()),
      'ERR_KLEIO_CLOSED',
    );
    expectError(() => closed.items, 'ERR_KLEIO_CLOSED');
    expectError(() => closed.table, 'ERR_KLEIO_CLOSED');
  });

  it('cannot be made by hand, nor its methods be borrowed', async () => {
    expectError(() => new (untyped(IndexTree))(), 'ERR_KLEIO_ARGUMENT', 'IndexTree.build');
    expectError(() => new (untyped(TreeScorer))(), 'ERR_KLEIO_ARGUMENT', 'TreeScorer.open');
    const search = { user, beam: 1, n: 1 };
    const borrowed = () => IndexTree.prototype.search.call(untyped({}), search);
    await expectRejection(borrowed, 'ERR_KLEIO_ARGUMENT', 'IndexTree');
  });

  it('refuses files that cannot be', async () => {
    await expectRejection(
      () => tree.save('/no/such/folder/tree'),
      'ERR_KLEIO_FILE',
      '/no/such/folder',
    );
    await expectRejection(() => tree.save(untyped(5)), 'ERR_KLEIO_ARGUMENT', 'path');
    await expectRejection(() => IndexTree.open('/no/such/tree'), 'ERR_KLEIO_FILE');
  });
});
