/** What the fields of a row of the public data are to a ranking. */
import { describe, expect, it } from 'vitest';
import { IdNumbers, partOf } from '../lib/cli/taobao/id-numbers.js';
import {
  behavioursOf,
  HISTORY_CATEGORIES,
  HISTORY_ITEMS,
  idOf,
  USER,
} from '../lib/synthetic/fields.js';

describe('an id', () => {
  it.each([
    [-(2n ** 63n), -(2n ** 63n)],
    [7, 7n],
    [-7, -7n],
    [null, 0n],
    [undefined, 0n],
  ])('may be %s', (value, id) => {
    expect(idOf(value)).toBe(id);
  });

  it.each([[1.5], [2 ** 53], ['7'], [Number.NaN]])('is never %s', (value) => {
    expect(() => idOf(value)).toThrow(`got ${value}`);
  });
});

describe('behaviours', () => {
  const row = (items: unknown, categories: unknown) => ({
    ...{ [USER]: 5n, [HISTORY_ITEMS]: items, [HISTORY_CATEGORIES]: categories },
  });

  it.each([
    ['without padding', [3n, 4n], [5n, 6n], [3n, 4n], [5n, 6n]],
    ['padded on the left', [0n, 0n, 3n], [0n, 9n, 5n], [3n], [5n]],
    ['with an unknown item among them', [0n, 3n, 0n], [0n, 5n, 6n], [3n, 0n], [5n, 6n]],
    ['of padding alone', [0n, 0n], [0n, 0n], [], []],
    ['that are not there', null, undefined, [], []],
    ['of absent ids', [null, 3], [null, null], [3n], [0n]],
  ])('%s', (_, items, categories, expected, expectedCategories) => {
    expect(behavioursOf(row(items, categories))).toEqual({
      items: BigInt64Array.from(expected),
      categories: BigInt64Array.from(expectedCategories),
    });
  });

  it('need a category each', () => {
    const told = 'user 5 has 2 behaviours and 1 categories';
    expect(() => behavioursOf(row([1n, 2n], [1n]))).toThrow(told);
  });
});

describe('numbers of ids', () => {
  /** More than there is room for at first, in no order, of both signs, and some that differ in one half only. */
  const ids = Array.from({ length: 5000 }, (_, index) =>
    BigInt.asIntN(64, index % 2 === 0 ? BigInt(index) << 32n : BigInt(index) * 0x9e3779b97f4a7c15n),
  );

  it('are dense, in the order of their first coming', () => {
    const numbers = new IdNumbers();
    expect(ids.map((id) => numbers.add(id))).toEqual(ids.map((_, number) => number));
    expect(ids.map((id) => numbers.add(id))).toEqual(ids.map((_, number) => number));
    expect(ids.map((id) => numbers.find(id))).toEqual(ids.map((_, number) => number));
    expect(ids.map((_, number) => numbers.id(number))).toEqual(ids);
    expect([numbers.count, numbers.find(-1n), numbers.find(1n)]).toEqual([5000, -1, -1]);
  });

  it('have parts of about one size, each id always in the same', () => {
    const sizes = new Array<number>(5).fill(0);
    for (const id of ids) sizes[partOf(id, 5)]! += 1;
    for (const size of sizes) expect(Math.abs(size - 1000)).toBeLessThan(200);
    expect(ids.map((id) => partOf(id, 5))).toEqual(ids.map((id) => partOf(id, 5)));
    expect(new Set(ids.map((id) => partOf(id, 1)))).toEqual(new Set([0]));
  });
});
