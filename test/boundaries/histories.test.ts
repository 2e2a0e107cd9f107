/** What History makes of hostile behaviours. */
import { type AppendOptions, EmbeddingTable, History } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, untyped } from '../cases/coded-errors.js';
import { detached, lying, shared } from '../cases/hostile-views.js';

const named = () =>
  EmbeddingTable.from(Int8Array.of(1, 0, 0, 1, 1, 1), {
    dim: 2,
    ids: BigInt64Array.of(10n, 20n, 30n),
  });
const nameless = () => EmbeddingTable.from(Int8Array.of(1, 0, 0, 1, 1, 1), { dim: 2 });

describe('construction', () => {
  it.each([undefined, null, {}, 5, Object.create(EmbeddingTable.prototype), new Int8Array(4)])(
    'refuses %o for a table',
    (table) => {
      expectError(() => new History(untyped(table)), 'ERR_KLEIO_ARGUMENT', 'EmbeddingTable');
    },
  );

  it('refuses a closed table', () => {
    const table = named();
    table.close();
    expectError(() => new History(table), 'ERR_KLEIO_CLOSED', 'the table is closed');
  });

  it.each([
    [{ capacity: 0 }, 'ERR_KLEIO_RANGE', 'capacity must be an integer from 1'],
    [{ capacity: -5 }, 'ERR_KLEIO_RANGE', 'got -5'],
    [{ capacity: 1.5 }, 'ERR_KLEIO_RANGE', 'got 1.5'],
    [{ capacity: 2 ** 31 }, 'ERR_KLEIO_RANGE', 'got 2147483648'],
    [{ capacity: Number.NaN }, 'ERR_KLEIO_RANGE', 'got NaN'],
    [{ capacity: '9' }, 'ERR_KLEIO_ARGUMENT', 'capacity must be a number'],
    [{ capcity: 9 }, 'ERR_KLEIO_ARGUMENT', "did you mean 'capacity'?"],
    [null, 'ERR_KLEIO_ARGUMENT', 'must be an object'],
    [9, 'ERR_KLEIO_ARGUMENT', 'must be an object'],
  ])('refuses options %o', (options, code, text) => {
    expectError(() => new History(named(), untyped(options)), code, text);
  });

  it('needs new', () => {
    expect(() => untyped(History)(named())).toThrow(TypeError);
  });
});

describe('append', () => {
  it.each([
    ['a row past the table', Int32Array.of(0, 3), 'ERR_KLEIO_RANGE', '3'],
    ['a row below -1', Int32Array.of(0, 1, -2), 'ERR_KLEIO_RANGE', '-2'],
    ['the largest int32', Int32Array.of(2 ** 31 - 1), 'ERR_KLEIO_RANGE', '2147483647'],
    ['the least int32', Int32Array.of(-(2 ** 31)), 'ERR_KLEIO_RANGE', '-2147483648'],
    ['a number alone', 2, 'ERR_KLEIO_ARGUMENT', 'rows (Int32Array) or ids (BigInt64Array, or'],
    ['NaN', Number.NaN, 'ERR_KLEIO_ARGUMENT', 'NaN'],
    ['a bigint of 65 bits', 2n ** 64n, 'ERR_KLEIO_RANGE', '18446744073709551616n'],
    ['an array', [0, 1], 'ERR_KLEIO_ARGUMENT', 'an array of 2'],
    ['unsigned rows', Uint32Array.of(0), 'ERR_KLEIO_ARGUMENT', 'Uint32Array(1)'],
    ['float rows', Float64Array.of(0), 'ERR_KLEIO_ARGUMENT', 'Float64Array(1)'],
    ['nothing', undefined, 'ERR_KLEIO_ARGUMENT', 'undefined'],
    ['a detached view', detached(Int32Array.of(0)), 'ERR_KLEIO_ARGUMENT', 'must have its memory'],
  ])('refuses %s and changes nothing', (_, behaviours, code, text) => {
    const history = new History(named());
    history.append(Int32Array.of(0, 1));
    expectError(() => history.append(untyped(behaviours)), code, text);
    expect([history.length, history.distinct]).toEqual([2, 2]);
    expect(history.searchSync(Int32Array.of(0), { k: 1 }).positions[0]).toBe(0);
  });

  it('says where the bad row stands', () => {
    const history = new History(named());
    const rows = new Int32Array(5000);
    rows[4321] = 77;
    expectError(() => history.append(rows), 'ERR_KLEIO_RANGE', '4321', '77');
  });

  it.each<[string, unknown, string, string]>([
    ['too few categories', { categories: BigInt64Array.of(1n) }, 'ERR_KLEIO_SHAPE', 'categories'],
    ['too many times', { times: new Float64Array(3) }, 'ERR_KLEIO_SHAPE', 'times.length must be 2'],
    ['times NaN', { times: Float64Array.of(0, Number.NaN) }, 'ERR_KLEIO_RANGE', 'times[1]'],
    ['float categories', { categories: new Float64Array(2) }, 'ERR_KLEIO_ARGUMENT', 'categories'],
    ['bigint times', { times: new BigInt64Array(2) }, 'ERR_KLEIO_ARGUMENT', 'a Float64Array'],
    ['a misspelling', { category: new Int32Array(2) }, 'ERR_KLEIO_ARGUMENT', "'categories'?"],
    ['no object', 5, 'ERR_KLEIO_ARGUMENT', 'must be an object'],
    [
      'detached categories',
      { categories: detached(new BigInt64Array(2)) },
      'ERR_KLEIO_ARGUMENT',
      'must have its memory',
    ],
  ])('refuses %s', (_, options, code, text) => {
    const history = new History(named());
    expectError(() => history.append(Int32Array.of(0, 1), untyped(options)), code, text);
    expect(history.length).toBe(0);
  });

  it.each<[string, AppendOptions, AppendOptions]>([
    ['missing categories', { categories: Int32Array.of(1) }, {}],
    ['new categories', {}, { categories: Int32Array.of(1) }],
    ['missing times', { times: Float64Array.of(1) }, {}],
    ['new times', {}, { times: Float64Array.of(1) }],
  ])('refuses %s in a later append', (_, first, second) => {
    const history = new History(named());
    history.append(Int32Array.of(0), first);
    expectError(() => history.append(Int32Array.of(1), second), 'ERR_KLEIO_SHAPE');
    expect(history.length).toBe(1);
  });

  it('refuses ids where the table has none', () => {
    const history = new History(nameless());
    expectError(() => history.append(BigInt64Array.of(10n)), 'ERR_KLEIO_ARGUMENT', 'ids');
    expectError(() => history.append(10n), 'ERR_KLEIO_ARGUMENT', 'ids');
  });

  it('gives absent rows and unknown ids a position and never keeps them', () => {
    const history = new History(named());
    history.append(Int32Array.of(-1, 0));
    history.append(BigInt64Array.of(99n, 10n));
    history.append(Int32Array.of(-1));
    history.append(404n);
    expectError(
      () => history.append(2 as never),
      'ERR_KLEIO_ARGUMENT',
      'rows (Int32Array) or ids (BigInt64Array, or one bigint)',
    );
    expect([history.length, history.distinct]).toEqual([6, 1]);
    const { positions } = history.searchSync(Int8Array.of(1, 0), { k: 6 });
    expect(Array.from(positions)).toEqual([3, 1, -1, -1, -1, -1]);
  });

  it('takes shared and empty views, and nothing changes with nothing', () => {
    const history = new History(named());
    history.append(shared(Int32Array.of(2, 1)));
    history.append(new Int32Array(0));
    history.append(new BigInt64Array(0));
    expect(history.length).toBe(2);
  });

  it('never believes a length that is not the view’s own', () => {
    for (const length of [2 ** 31, 1000, 1, -1, Number.NaN, 'x']) {
      const history = new History(named());
      try {
        history.append(lying(Int32Array.of(2, 1), untyped(length)));
        expect(history.length).toBe(2);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^ERR_KLEIO_(SHAPE|ARGUMENT|RANGE)$/);
        expect(history.length).toBe(0);
      }
    }
  });

  it('lets the oldest leave past the capacity, in one append or many', () => {
    for (const run of [1, 2, 7, 50]) {
      const history = new History(named(), { capacity: 3 });
      for (let start = 0; start < 50; start += run) {
        const rows = Math.min(run, 50 - start);
        history.append(Int32Array.from({ length: rows }, (_, index) => (start + index) % 3));
      }
      expect([history.length, history.distinct]).toEqual([3, 3]);
      // Behaviours 47, 48 and 49 are left: rows 2, 0 and 1.
      const { positions } = history.searchSync(Int32Array.of(0, 1, 2), { k: 1 });
      expect(Array.from(positions)).toEqual([1, 2, 0]);
    }
  });

  it('starts again after clear, categories and times included', () => {
    const history = new History(named());
    history.append(Int32Array.of(0, 1), { categories: Int32Array.of(1, 2) });
    history.clear();
    expect([history.length, history.distinct]).toEqual([0, 0]);
    const { positions } = history.searchSync(Int32Array.of(0), { k: 2 });
    expect(Array.from(positions)).toEqual([-1, -1]);
    history.append(Int32Array.of(1), { times: Float64Array.of(3) });
    expect(history.length).toBe(1);
  });
});
