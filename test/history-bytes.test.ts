/** What a history writes comes back as it was, in both forms, and over other tables by ids. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, History, Ranker } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from './cases/bitwise.js';
import { expectRejection } from './cases/coded-errors.js';
import { testDevice } from './cases/device.js';
import { cases } from './cases/extent.js';
import { drawStory, liveOn, type Story, storyTable, tell } from './cases/history-stories.js';
import { goldenRequests, weightsPath } from './cases/muse-golden.js';
import { Random } from './cases/random.js';
import { rankRequestOf } from './cases/ranker-subject.js';
import { expectSameHistory } from './cases/same-history.js';
import { elementsOf } from './oracle/float-formats.js';
import { readHistoryBytes } from './oracle/history-bytes.js';

const SEED = Number(process.env.KLEIO_SEED);
const FORMS = [{ packed: false }, { packed: true }];
const STORIES = Array.from({ length: cases(300, 30) }, (_, index) => [SEED + index]);

/** A story told to a history, and what else is needed to go on with it. */
function told(seed: number): {
  random: Random;
  story: Story;
  table: EmbeddingTable;
  history: History;
} {
  const random = new Random(seed);
  const story = drawStory(random);
  const table = storyTable(story, testDevice);
  const history = new History(table, { capacity: story.capacity });
  tell(history, story.steps);
  return { random, story, table, history };
}

describe('toBytes and fromBytes', () => {
  it.each(STORIES)('give back the history of story %i, which lives on alike', async (seed) => {
    for (const form of FORMS) {
      const { random, story, table, history } = told(seed);
      const bytes = await history.toBytes(form);
      const restored = await History.fromBytes(table, bytes);
      expectSameHistory(restored, history, story);
      expect(await restored.toBytes(form)).toEqual(bytes);
      const next = liveOn(story, random);
      tell(history, next);
      tell(restored, next);
      expectSameHistory(restored, history, story);
      table.close();
    }
  });

  it.each(STORIES)('say what story %i says to a reader that only knows the page', async (seed) => {
    const { story, history } = told(seed);
    const said = history.read({ fields: fieldsOf(story, history) });
    for (const { packed } of FORMS) {
      const read = readHistoryBytes(await history.toBytes({ packed }));
      expect(read).toMatchObject({
        packed,
        capacity: story.capacity ?? 2 ** 31 - 2,
        firstSequence: history.firstSequence,
        nextSequence: history.nextSequence,
        sequences: [...said.sequences],
        categories: said.categories && [...said.categories],
        times: said.times && [...said.times],
      });
      const { rows, ids } = story.ids === undefined || packed ? read : { ...read, rows: undefined };
      expect(rows ?? [...said.rows!]).toEqual([...said.rows!]);
      if (story.ids !== undefined && !packed) expect(ids).toEqual([...said.ids!]);
    }
  });

  it('keep a capacity, or take another', async () => {
    const table = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, device: testDevice });
    const history = new History(table, { capacity: 4 });
    history.append(Int32Array.of(0, 1, -1, 0, 1, 1));
    for (const form of FORMS) {
      const bytes = await history.toBytes(form);
      const same = await History.fromBytes(table, bytes);
      same.append(Int32Array.of(0));
      expect([...same.read().sequences]).toEqual([3, 4, 5, 6]);
      const shorter = await History.fromBytes(table, bytes, { capacity: 2 });
      expect([...shorter.read({ fields: ['rows'] }).rows]).toEqual([1, 1]);
      expect([shorter.firstSequence, shorter.distinct]).toEqual([4, 1]);
      const longer = await History.fromBytes(table, bytes, { capacity: 5 });
      longer.append(Int32Array.of(0, 0));
      expect([...longer.read().sequences]).toEqual([3, 4, 5, 6, 7]);
    }
  });

  it('see the history as it was when called, and let it go', async () => {
    const table = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, device: testDevice });
    const history = new History(table);
    history.append(Int32Array.of(0, 1));
    const writing = history.toBytes({ packed: true });
    history.append(Int32Array.of(0));
    history.remove({ sequences: Float64Array.of(1) });
    history.close();
    const bytes = await writing;
    const reading = History.fromBytes(table, bytes);
    table.close();
    expect([...(await reading).read({ fields: ['rows'] }).rows]).toEqual([0, 1]);
  });
});

const coarse = (random: Random, rows: number, dim: number) =>
  Float64Array.from({ length: rows * dim }, () => random.integer(-120, 120));

/** All of what tells the rows apart is lost where they are rounded: a scan has to know by how much. */
const fine = (random: Random, rows: number, dim: number) =>
  Float64Array.from({ length: rows * dim }, (_, index) =>
    index % dim === 0 ? 1 : random.integer(-120, 120) / 40_000,
  );

const withoutFirst = (dim: number) => (value: number, index: number) =>
  index % dim === 0 ? 0 : value;

/** Packed items lie in chunks of 1024, whole ones as in memory. */
describe('of thousands of items', () => {
  const counts = [1023, 1024, 1025, 2048, 3000];

  it.each(
    counts.flatMap((count) =>
      (['int8', 'float32'] as const).map((dtype) => [count, dtype] as const),
    ),
  )(
    '%i, %s, packed bytes give back every item, which then can leave and come back',
    async (count, dtype) => {
      const random = new Random(SEED + count);
      const dim = random.integer(2, 70);
      const rows = count + 10;
      const values = dtype === 'int8' ? coarse(random, rows, dim) : fine(random, rows, dim);
      values.fill(0, 5 * dim, 6 * dim);
      const options = { dim, dtype, device: testDevice };
      const table = EmbeddingTable.from(elementsOf(values, dtype), options);
      const history = new History(table);
      // A prime: all of them are different.
      const order = Array.from({ length: count }, (_, index) => (index * 1709) % rows);
      history.append(Int32Array.from([...order, ...order.slice(7, 600)]));
      const bytes = await history.toBytes({ packed: true });
      const restored = await History.fromBytes(table, bytes);
      const targets = elementsOf(coarse(random, 4, dim).map(withoutFirst(dim)), dtype);
      const expectSame = async () => {
        for (const by of ['cosine', 'dot'] as const) {
          const options = { k: 300, by };
          const kept = restored.searchSync(targets, options);
          expect(kept).toEqual(history.searchSync(targets, options));
          expectSameBits(kept, history.searchSync(targets, options), by);
        }
        const [same, expected] = [restored, history].map((of) => of.toBytes({ packed: true }));
        expect(Buffer.compare((await same)!, (await expected)!)).toBe(0);
      };
      await expectSame();
      const gone = Int32Array.from(order.filter(() => random.integer(0, 3) === 0));
      const more = Int32Array.from({ length: 900 }, () => random.integer(0, rows - 1));
      for (const either of [history, restored]) {
        either.remove({ items: gone });
        either.append(more);
      }
      await expectSame();
    },
  );
});

const fieldsOf = ({ ids, steps }: Story, history: History) => {
  const first = steps.find((step) => step.call === 'append');
  const any = history.length > 0;
  return [
    'rows' as const,
    ...(ids === undefined ? [] : (['ids'] as const)),
    ...(any && first?.times !== undefined ? (['times'] as const) : []),
    ...(any && first?.categories !== undefined ? (['categories'] as const) : []),
  ];
};

/** Files that were written once: a format that changes is another version. */
describe('bytes of version 1', () => {
  const golden = (name: string) => readFileSync(join(__dirname, 'golden', `${name}.bytes`));

  it.each([
    ['history-plain', false, 'int8'],
    ['history-packed', true, 'int8'],
    ['history-packed-float', true, 'float32'],
  ] as const)('%s', async (name, packed, dtype) => {
    const values = Array.from({ length: 70 * 5 }, (_, index) => ((index * 37) % 41) - 20);
    const table = EmbeddingTable.from(elementsOf(Float64Array.from(values), dtype), {
      dim: 5,
      dtype,
      ids: BigInt64Array.from({ length: 70 }, (_, row) => BigInt(row) - 7n),
    });
    const history = new History(table, { capacity: 100 });
    const items = Array.from({ length: 110 }, (_, index) => BigInt((index * 29) % 75) - 7n);
    history.append(BigInt64Array.from(items), {
      categories: BigInt64Array.from(items, (item) => item % 3n),
      times: Float64Array.from(items, (_, index) => index / 4),
    });
    history.remove({ sequences: Float64Array.of(20, 21, 109) });
    const bytes = await history.toBytes({ packed });
    expect(Buffer.compare(bytes, golden(name))).toBe(0);
    const read = await History.fromBytes(table, golden(name));
    const fields = ['rows', 'ids', 'times', 'categories'] as const;
    expect(read.read({ fields })).toEqual(history.read({ fields }));
  });
});

describe('a table with other rows', () => {
  const ids = (...of: number[]) => BigInt64Array.from(of, BigInt);
  const options = { dim: 2, device: testDevice };
  const old = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3, 1, 0), {
    ...options,
    ids: ids(1, 2, 3),
  });
  const renewed = EmbeddingTable.from(Float32Array.of(0.5, 1, 2, 0), {
    ...options,
    ids: ids(3, 9),
  });

  it('looks ids up anew, from bytes or directly', async () => {
    const history = new History(old, { capacity: 7 });
    history.append(ids(1, 3, 9, 2, 3), { times: Float64Array.of(1, 2, 3, 4, 5) });
    history.append(Int32Array.of(-1), { times: Float64Array.of(6) });
    history.remove({ sequences: Float64Array.of(3) });
    const moved = await history.onto(renewed);
    const read = await History.fromBytes(renewed, await history.toBytes());
    for (const other of [moved, read]) {
      const { sequences, rows, times } = other.read({ fields: ['rows', 'times'] });
      expect([...sequences]).toEqual([0, 1, 2, 4, 5]);
      expect([...rows]).toEqual([-1, 0, 1, 0, -1]);
      expect([...times]).toEqual([1, 2, 3, 5, 6]);
      expect([...other.has(ids(1, 2, 3, 9))]).toEqual([1, 0, 1, 1]);
      expect((await other.search(ids(9), { k: 1 })).positions[0]).toBe(2);
    }
    const back = await moved.onto(old);
    expect([...back.read({ fields: ['ids'] }).ids]).toEqual([1n, 3n, 9n, 3n, 0n]);
    expect(await back.toBytes({ packed: true })).toEqual(await history.toBytes({ packed: true }));
  });
});

describe('a table that grows', () => {
  it('reads what was packed before, and has what was packed since', async () => {
    const ids = (...of: number[]) => BigInt64Array.from(of, BigInt);
    const make = () =>
      EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), {
        dim: 2,
        ids: ids(1, 2),
        device: testDevice,
      });
    const table = make();
    const history = new History(table);
    history.append(ids(1, 3, 2));
    const before = await history.toBytes({ packed: true });
    table.append(Int8Array.of(1, 0), { ids: ids(3) });
    expect([...(await History.fromBytes(table, before)).read({ fields: ['rows'] }).rows]).toEqual([
      0, -1, 1,
    ]);
    history.append(ids(3));
    const since = await history.toBytes({ packed: true });
    const read = await History.fromBytes(table, since);
    expect([...read.read({ fields: ['rows'] }).rows]).toEqual([0, -1, 1, 2]);
    expect(read.searchSync(ids(3), { k: 4 })).toEqual(history.searchSync(ids(3), { k: 4 }));
    await expectRejection(() => History.fromBytes(make(), since), 'ERR_KLEIO_ARGUMENT', '2 rows');
    const plain = await History.fromBytes(table, await history.toBytes());
    expect([...plain.read({ fields: ['rows'] }).rows]).toEqual([0, 2, 1, 2]);
  });
});

describe("a ranker's history", () => {
  const request = goldenRequests('muse_a')[0]!;

  it('comes back and ranks alike, in both forms', async () => {
    const ranker = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
    const asked = rankRequestOf(ranker, request, [request.candidate]);
    const { history } = asked as { history: History };
    history.append(BigInt64Array.of(-99n, request.items[0]!), {
      categories: BigInt64Array.of(5n, request.categories[0]!),
    });
    history.remove({ sequences: Float64Array.of(1, 3) });
    const expected = await ranker.rank(asked);
    for (const form of FORMS) {
      const bytes = await history.toBytes(form);
      const restored = await History.fromBytes(ranker, bytes);
      const { probabilities, kept } = await ranker.rank({ ...asked, history: restored });
      expect(probabilities).toEqual(expected.probabilities);
      expect(kept.positions).toEqual(expected.kept.positions);
      expect(kept.scores).toEqual(expected.kept.scores);
      expect(await restored.toBytes({ packed: true })).toEqual(
        await history.toBytes({ packed: true }),
      );
    }
  });

  it('moves onto another ranker, and from a table', async () => {
    const [first, second] = await Promise.all(
      ['muse_a', 'muse_b'].map((set) => Ranker.open(weightsPath(set), { device: testDevice })),
    );
    const categories = BigInt64Array.from(request.categories);
    const items = BigInt64Array.from(request.items);
    const expected = second!.history(items, { categories });
    const moved = await first!.history(items, { categories }).onto(second!);
    expect(await moved.toBytes({ packed: true })).toEqual(await expected.toBytes({ packed: true }));
    const table = EmbeddingTable.from(Int8Array.of(1, 2), {
      dim: 2,
      ids: BigInt64Array.of(1n),
      device: testDevice,
    });
    const plain = await (await History.build(table, items, { categories })).toBytes();
    const ranked = await History.fromBytes(second!, plain);
    expect(await ranked.toBytes({ packed: true })).toEqual(
      await expected.toBytes({ packed: true }),
    );
  });
});
