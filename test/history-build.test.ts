/** A history built on the pool is what appends would have made, and nobody waits for it. */
import { getEventListeners } from 'node:events';
import { EmbeddingTable, History, type Kept, Ranker } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectSameBits } from './cases/bitwise.js';
import { expectRejection, untyped } from './cases/coded-errors.js';
import { testDevice } from './cases/device.js';
import { times } from './cases/extent.js';
import { detached } from './cases/hostile-views.js';
import { goldenRequests, weightsPath } from './cases/muse-golden.js';
import { runProgram } from './cases/programs.js';
import { Random } from './cases/random.js';
import { rankRequestOf } from './cases/ranker-subject.js';

const DIM = 16;
const ROWS = 3000;

function tableOf(random: Random): EmbeddingTable {
  const values = Int8Array.from({ length: ROWS * DIM }, () => random.integer(-3, 3));
  const ids = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row) * 11n - 5000n);
  return EmbeddingTable.from(values, { dim: DIM, ids, device: testDevice });
}

/** All that a history holds: every position with its score, its category's and its times' share. */
function contents(history: History): Kept[] {
  const { length } = history;
  if (length === 0) return [];
  const k = Math.min(length, 65_536);
  const targets = Int32Array.of(1, 2, 77);
  return [
    history.searchSync(targets, { k }),
    history.searchSync(targets, { k, since: 25 }),
    history.searchSync(undefined, { k, by: 'category', categories: BigInt64Array.of(0n, 3n) }),
  ];
}

function expectSame(built: History, expected: History): void {
  expect([built.length, built.distinct]).toEqual([expected.length, expected.distinct]);
  const whole = contents(expected);
  for (const [index, kept] of contents(built).entries()) {
    expectSameBits(kept, whole[index]!, `search ${index}`);
  }
}

describe('History.build', () => {
  // Around the sizes of what is appended together (256), of blocks of items (1024) and behaviours (4096).
  it.each([
    [0, undefined],
    [1, undefined],
    [255, undefined],
    [257, undefined],
    [1300, 1000],
    [5000, undefined],
    [9000, 300],
    [9000, 4999],
    [9000, 9000],
  ])('of %i behaviours, capacity %s, is what single appends make', async (length, capacity) => {
    const random = new Random(length + 1);
    const table = tableOf(random);
    const rows = Int32Array.from({ length }, () => random.integer(-1, ROWS - 1));
    const categories = BigInt64Array.from(rows, () => BigInt(random.integer(0, 4)));
    const times = Float64Array.from(rows, () => random.integer(0, 50));
    const options = capacity === undefined ? {} : { capacity };
    const expected = new History(table, options);
    for (let index = 0; index < length; ++index) {
      expected.append(rows.subarray(index, index + 1), {
        categories: categories.subarray(index, index + 1),
        times: times.subarray(index, index + 1),
      });
    }
    expectSame(await History.build(table, rows, { ...options, categories, times }), expected);

    const inParts = new History(table, options);
    for (let start = 0; start < length; ) {
      const end = Math.min(length, start + random.integer(1, 700));
      inParts.append(rows.subarray(start, end), {
        categories: categories.subarray(start, end),
        times: times.subarray(start, end),
      });
      if (random.integer(0, 1) === 0) inParts.searchSync(Int32Array.of(1), { k: 1 });
      start = end;
    }
    expectSame(inParts, expected);
  });

  it('takes ids, unknown ones too, and goes on like any history', async () => {
    const random = new Random(3);
    const table = tableOf(random);
    const ids = BigInt64Array.from({ length: 700 }, () => BigInt(random.integer(-6000, 30_000)));
    const expected = new History(table);
    expected.append(ids);
    const built = await History.build(table, ids);
    for (const history of [built, expected]) history.append(Int32Array.of(5, 6, 5));
    expect(built.distinct).toBeGreaterThan(2);
    const all = { k: built.length };
    expectSameBits(
      built.searchSync(Int32Array.of(7), all),
      expected.searchSync(Int32Array.of(7), all),
      'ids',
    );
    expect(built.byteLength).toBe(expected.byteLength);
  });

  it('keeps the order of many at once', async () => {
    const table = tableOf(new Random(4));
    const built = await Promise.all(
      Array.from({ length: 60 }, (_, number) =>
        History.build(table, new Int32Array(500 + number).fill(number)),
      ),
    );
    expect(built.map(({ length }) => length)).toEqual(built.map((_, number) => 500 + number));
    for (const [number, history] of built.entries()) {
      expect(history.searchSync(Int32Array.of(number), { k: 1 }).positions[0]).toBe(499 + number);
    }
  });

  it('copies what it is given when called', async () => {
    const table = tableOf(new Random(5));
    const rows = Int32Array.from({ length: 4000 }, (_, index) => index % 50);
    const times = Float64Array.from(rows);
    const expected = new History(table);
    expected.append(rows.slice(), { times: times.slice() });
    const building = History.build(table, rows, { times });
    detached(rows);
    times.fill(1e9);
    table.close();
    const built = await building;
    const asked = { k: 4000, since: 20 };
    expectSameBits(
      built.searchSync(Int32Array.of(3), asked),
      expected.searchSync(Int32Array.of(3), asked),
      'copied',
    );
  });

  // That no other thread than the pool's builds it: event-loop.test.ts.
  it('builds millions', async () => {
    const table = tableOf(new Random(6));
    const rows = Int32Array.from({ length: 2_000_000 }, (_, index) => index % ROWS);
    expect((await History.build(table, rows)).length).toBe(2_000_000);
  });
});

describe('a build that fails', () => {
  const table = tableOf(new Random(7));
  const rows = Int32Array.of(0, 1);

  it.each<[string, unknown, unknown, string, string]>([
    ['a row past the table', Int32Array.of(0, ROWS), {}, 'ERR_KLEIO_RANGE', 'index 1'],
    ['no typed array', [0, 1], {}, 'ERR_KLEIO_ARGUMENT', 'behaviours'],
    ['a detached array', detached(Int32Array.of(1)), {}, 'ERR_KLEIO_ARGUMENT', 'its memory'],
    ['too few times', rows, { times: Float64Array.of(1) }, 'ERR_KLEIO_SHAPE', 'times'],
    ['a time NaN', rows, { times: Float64Array.of(1, Number.NaN) }, 'ERR_KLEIO_RANGE', 'times[1]'],
    ['a capacity of 0', rows, { capacity: 0 }, 'ERR_KLEIO_RANGE', 'capacity'],
    ['an unknown option', rows, { categorys: 1 }, 'ERR_KLEIO_ARGUMENT', "'categories'"],
    ['no signal', rows, { signal: {} }, 'ERR_KLEIO_ARGUMENT', 'signal'],
  ])('rejects: %s', async (_, behaviours, options, code, text) => {
    await expectRejection(
      () => History.build(table, untyped(behaviours), untyped(options)),
      code,
      text,
    );
  });

  it('rejects on what is no table, and on a closed one', async () => {
    await expectRejection(() => History.build(untyped({}), rows), 'ERR_KLEIO_ARGUMENT');
    const closed = tableOf(new Random(8));
    closed.close();
    await expectRejection(() => History.build(closed, rows), 'ERR_KLEIO_CLOSED');
  });

  it('rejects with the reason of its signal, before and during', async () => {
    const reason = new Error('no longer needed');
    const aborted = AbortSignal.abort(reason);
    await expect(History.build(table, rows, { signal: aborted })).rejects.toBe(reason);
    const controller = new AbortController();
    const { signal } = controller;
    const builds = Array.from({ length: 8 }, () =>
      History.build(table, new Int32Array(500_000), { signal }),
    );
    controller.abort(reason);
    for (const build of builds) await expect(build).rejects.toBe(reason);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect((await History.build(table, rows)).length).toBe(2);
  });
});

describe('Ranker.buildHistory', () => {
  it('makes what history makes', async () => {
    using ranker = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
    for (const request of goldenRequests('muse_a').slice(0, 8)) {
      const asked = rankRequestOf(ranker, request, [request.candidate]);
      const expected = ranker.rankSync(asked);
      const ids = BigInt64Array.from(request.items);
      const categories = BigInt64Array.from(request.categories);
      const history = await ranker.buildHistory(ids, { categories });
      const { probabilities, kept } = await ranker.rank({ ...asked, history });
      expect(probabilities).toEqual(expected.probabilities);
      expectSameBits(kept, expected.kept, 'kept');
      const newest = await ranker.buildHistory(ids, { categories, capacity: 7 });
      expect(newest.length).toBe(7);
    }
  });

  it('rejects rows, unknown options and a closed ranker', async () => {
    const ranker = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
    const ids = BigInt64Array.of(1n);
    await expectRejection(
      () => ranker.buildHistory(untyped(Int32Array.of(1))),
      'ERR_KLEIO_ARGUMENT',
      'ids',
    );
    await expectRejection(
      () => ranker.buildHistory(ids, untyped({ k: 3 })),
      'ERR_KLEIO_ARGUMENT',
      "'k'",
    );
    ranker.close();
    await expectRejection(() => ranker.buildHistory(ids), 'ERR_KLEIO_CLOSED');
  });

  it('outlives a ranker that is closed meanwhile', async () => {
    const ranker = await Ranker.open(weightsPath('muse_a'), { device: testDevice });
    const building = ranker.buildHistory(new BigInt64Array(100_000));
    ranker.close();
    expect((await building).length).toBe(100_000);
  });
});

it('survives workers that are terminated while they build', async () => {
  const terminated = times(24);
  const env = { KLEIO_TEST_TERMINATIONS: String(terminated) };
  expect(await runProgram('workers-build.mjs', { env })).toEqual({ terminated, wrong: 0 });
});
