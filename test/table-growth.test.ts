/** Tables that grow: what was there stays as it was, what comes is there for every later call. */
import { EmbeddingTable, History, type TableAppendOptions } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, untyped } from './cases/coded-errors.js';
import { testDevice } from './cases/device.js';
import { cases } from './cases/extent.js';
import { GrowingTable } from './cases/growing-table.js';
import { detached, shared } from './cases/hostile-views.js';
import { Random } from './cases/random.js';
import { DTYPES } from './oracle/float-formats.js';

const seed = Number(process.env.KLEIO_SEED ?? 1);

const ids = (...numbers: number[]) => BigInt64Array.from(numbers, BigInt);

/** The tables of ids grow in between, a few ids at a time. */
it('ids that come, and come again, lead to their last row at any moment', async () => {
  const random = new Random(seed);
  const options = { dim: 1, ids: ids(5), device: testDevice };
  const table = EmbeddingTable.from(Float32Array.of(1), options);
  const values = new Map([[5n, 1]]);
  const expectRight = (asked: BigInt64Array) =>
    expect([...table.read(asked)]).toEqual([...asked].map((id) => values.get(id) ?? 0));
  let rows = 1;
  for (let step = 0; step < 1200; step += 1) {
    const count = random.chance(0.9) ? random.integer(1, 6) : random.integer(7, 90);
    const more = BigInt64Array.from({ length: count }, () => BigInt(random.integer(0, 4000)));
    const numbered = Float32Array.from(more, (_, index) => rows + index + 1);
    table.append(numbered, { ids: more, duplicates: 'last' });
    for (const [index, id] of more.entries()) values.set(id, numbered[index]!);
    rows += count;
    expectRight(BigInt64Array.from({ length: 20 }, () => BigInt(random.integer(0, 4000))));
  }
  expectRight(BigInt64Array.from({ length: 4001 }, (_, index) => BigInt(index)));
  const history = await History.build(table, BigInt64Array.from(values.keys()));
  expect([...history.read({ fields: ['rows'] }).rows]).toEqual(
    [...values.values()].map((value) => value - 1),
  );
});

describe('appends between other calls, against a plain model', () => {
  it.each(DTYPES.flatMap((dtype) => [0, 60].map((ids) => ({ dtype, ids }))))(
    'agree in $dtype with $ids ids',
    async ({ dtype, ids }) => {
      for (let round = 0; round < cases(40, 4); round += 1) {
        const random = new Random(seed + round);
        const grown = new GrowingTable(random, dtype, {
          dim: random.pick([1, 7, 24, 130]),
          rows: random.pick([0, 1, 40]),
          ids,
        });
        const running: Promise<void>[] = [];
        for (let step = 0; step < 40; step += 1) {
          const rows = random.pick([0, 1, 2, random.integer(3, 60)]);
          if (random.chance(0.4)) grown.append(rows, random.pick(['error', 'first', 'last']));
          if (grown.rows > 0 && random.chance(0.5)) grown.appendBehaviours(random.integer(0, 20));
          if (grown.rows > 0 && random.chance(0.5)) running.push(grown.search());
          if (random.chance(0.3)) grown.check();
        }
        await Promise.all(running);
        grown.check();
        grown.close();
      }
    },
  );
});

describe('searches that run while rows are appended', () => {
  it('never find them, and the next ones always do', async () => {
    const table = EmbeddingTable.from(Int8Array.of(1, 0), {
      dim: 2,
      ids: ids(0),
      device: testDevice,
    });
    const history = new History(table);
    history.append(ids(0));
    const running = [];
    for (let id = 1; id <= 200; id += 1) {
      running.push(history.search(ids(id - 1, id), { k: 300 }));
      table.append(Int8Array.of(1, 0), { ids: ids(id) });
      history.append(ids(id));
    }
    for (const [index, search] of running.entries()) {
      const { positions } = await search;
      const found = Array.from({ length: index + 1 }, (_, place) => index - place);
      expect([...positions.subarray(0, index + 1)]).toEqual(found);
      // The target was unknown, and what came since is no behaviour of it.
      expect(positions[index + 1]).toBe(-1);
      expect(positions[300]).toBe(-1);
    }
  });
});

describe('ids that come again', () => {
  const rows = (table: EmbeddingTable, ...of: number[]) => [...table.rowsOf(ids(...of))];
  const make = () =>
    EmbeddingTable.from(Int8Array.of(1, 2, 3), {
      dim: 1,
      ids: ids(10, 11, 12),
      device: testDevice,
    });

  it('are refused, naming both rows', () => {
    const table = make();
    const again = () => table.append(Int8Array.of(4, 5), { ids: ids(13, 11) });
    expectError(again, 'ERR_KLEIO_DUPLICATE_ID', 'id 11', 'row 1 ', "'first' or 'last'");
    const twice = () => table.append(Int8Array.of(4, 5, 6), { ids: ids(14, 13, 14) });
    expectError(twice, 'ERR_KLEIO_DUPLICATE_ID', 'id 14', 'row 0', 'row 2');
    expect([table.rows, table.duplicates, ...rows(table, 11, 13, 14)]).toEqual([3, 0, 1, -1, -1]);
    expect(table.append(Int8Array.of(4), { ids: ids(13) })).toBe(3);
    expectError(
      () => table.append(Int8Array.of(5), { ids: ids(13) }),
      'ERR_KLEIO_DUPLICATE_ID',
      '3',
    );
  });

  it("lead to their first row with 'first'", () => {
    const table = make();
    table.append(Int8Array.of(4, 5, 6), { ids: ids(11, 13, 13), duplicates: 'first' });
    expect([table.rows, table.duplicates]).toEqual([6, 2]);
    expect(rows(table, 10, 11, 12, 13)).toEqual([0, 1, 2, 4]);
    expect([...table.read(Int32Array.of(3, 5))]).toEqual([4, 6]);
  });

  it("lead to their last row with 'last'; behaviours keep theirs", () => {
    const table = make();
    const history = new History(table);
    history.append(ids(11, 12));
    for (const value of [4, 5, 6]) {
      table.append(Int8Array.of(value, value), { ids: ids(11, 13), duplicates: 'last' });
    }
    expect([table.rows, table.duplicates]).toEqual([9, 5]);
    expect(rows(table, 10, 11, 12, 13)).toEqual([0, 7, 2, 8]);
    expect([...table.read(ids(11, 13))]).toEqual([6, 6]);
    history.append(ids(11));
    const { scores } = history.searchSync(Int8Array.of(1), { k: 3, by: 'dot' });
    expect([...scores]).toEqual([6, 3, 2]);
  });
});

it('an id names all that it ever meant: what is seen, left out and removed by it', () => {
  const table = EmbeddingTable.from(Int8Array.of(1, 0, 0, 1), {
    dim: 2,
    ids: BigInt64Array.of(7n, 8n),
    device: testDevice,
  });
  const history = new History(table);
  history.append(BigInt64Array.of(7n, 8n));
  table.append(Int8Array.of(1, 1), { ids: BigInt64Array.of(7n), duplicates: 'last' });
  const asked = { k: 3, fields: ['ids'], exclude: BigInt64Array.of(7n) } as const;
  for (const whole of [false, true]) {
    expect([...history.has(BigInt64Array.of(7n, 8n, 9n))]).toEqual([1, 1, 0]);
    expect([...history.searchSync(Int8Array.of(1, 0), asked).ids]).not.toContain(7n);
    if (!whole) history.append(7n);
  }
  expect(history.remove({ items: BigInt64Array.of(7n) })).toBe(2);
  expect([...history.read({ fields: ['ids'] }).ids]).toEqual([8n]);
});

describe('a refused append changes nothing', () => {
  const table = EmbeddingTable.from(Float32Array.of(1, 2, 3, 4), {
    dim: 2,
    ids: ids(1, 2),
    device: testDevice,
  });
  const plain = EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2, device: testDevice });
  const two = () => Float32Array.of(5, 6, 7, 8);
  const append =
    (values: unknown, options?: unknown, to = table) =>
    () =>
      to.append(untyped(values), untyped(options));

  it.each<[string, () => unknown, string, string]>([
    ['ids are missing', append(two()), 'ERR_KLEIO_ARGUMENT', 'ids must be given'],
    [
      'ids are of no use',
      append(Int8Array.of(1, 2), { ids: ids(1) }, plain),
      'ERR_KLEIO_ARGUMENT',
      'ids must be left out',
    ],
    ['ids are too few', append(two(), { ids: ids(3) }), 'ERR_KLEIO_SHAPE', 'ids.length must be 2'],
    ['ids are numbers', append(two(), { ids: [3, 4] }), 'ERR_KLEIO_ARGUMENT', 'ids must be'],
    ['ids are detached', append(two(), { ids: detached(ids(3, 4)) }), 'ERR_KLEIO_ARGUMENT', 'ids'],
    ['a row is cut', append(Float32Array.of(1)), 'ERR_KLEIO_SHAPE', 'multiple of dim (2)'],
    [
      'the dtype is another',
      append(Int8Array.of(1, 2), { ids: ids(3) }),
      'ERR_KLEIO_DTYPE',
      'float32',
    ],
    [
      'a value is none',
      append(Float32Array.of(1, 2, 3, Number.NaN), { ids: ids(3, 4) }),
      'ERR_KLEIO_NOT_FINITE',
      'row 1, column 1 is NaN',
    ],
    ['an option is misspelled', append(two(), { id: ids(3, 4) }), 'ERR_KLEIO_ARGUMENT', 'ids'],
    [
      'duplicates are unknown',
      append(two(), { ids: ids(3, 4), duplicates: 'lest' }),
      'ERR_KLEIO_RANGE',
      "'last'",
    ],
  ])('where %s', (_, call, code, part) => {
    expectError(call, code, part);
    expect([table.rows, plain.rows, ...table.rowsOf(ids(1, 2, 3, 4))]).toEqual([
      2, 1, 0, 1, -1, -1,
    ]);
  });

  it('is no different for shared memory', () => {
    const options: TableAppendOptions = { ids: shared(ids(8)) };
    expect(table.append(shared(Float32Array.of(9, 9)), options)).toBe(2);
    expect([...table.read(ids(8))]).toEqual([9, 9]);
  });

  it('refuses a closed table', () => {
    const closed = EmbeddingTable.from(Int8Array.of(1), { dim: 1 });
    closed.close();
    expectError(() => closed.append(Int8Array.of(1)), 'ERR_KLEIO_CLOSED');
    expectError(() => closed.read(Int32Array.of(0)), 'ERR_KLEIO_CLOSED');
  });
});

describe('read', () => {
  const table = EmbeddingTable.from(Int8Array.of(1, 2, 3, 4), { dim: 2, ids: ids(5, 6) });

  it('gives zeros where there is no row', () => {
    expect(table.read(Int32Array.of(1, -1, 0))).toEqual(Int8Array.of(3, 4, 0, 0, 1, 2));
    expect(table.read(ids(7, 6))).toEqual(Int8Array.of(0, 0, 3, 4));
    expect(table.read(new Int32Array(0))).toEqual(new Int8Array(0));
  });

  it.each([
    [Int32Array.of(0, 2), 'ERR_KLEIO_RANGE', 'index 1 is 2'],
    [Int32Array.of(-2), 'ERR_KLEIO_RANGE', 'index 0 is -2'],
    [[0], 'ERR_KLEIO_ARGUMENT', 'rows must be'],
    [Float64Array.of(0), 'ERR_KLEIO_ARGUMENT', 'rows must be'],
    [detached(Int32Array.of(0)), 'ERR_KLEIO_ARGUMENT', 'rows must have its memory'],
  ])('refuses %o', (rows, code, part) => {
    expectError(() => table.read(untyped(rows)), code, part);
  });

  it('refuses ids where the table has none', () => {
    const plain = EmbeddingTable.from(Int8Array.of(1), { dim: 1 });
    expectError(() => plain.read(ids(0)), 'ERR_KLEIO_ARGUMENT', 'this table has no ids');
  });
});
