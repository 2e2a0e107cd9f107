/** What the rows of the public data are to a ranking. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Columns } from '../lib/cli/parquet/file-metadata.js';
import { ParquetFile } from '../lib/cli/parquet/parquet-file.js';
import type { Row } from '../lib/cli/parquet/row.js';
import { IdNumbers, partOf } from '../lib/cli/taobao/id-numbers.js';
import { behavioursOf, HISTORY_COLUMNS, labelOf } from '../lib/cli/taobao/taobao-columns.js';
import { HISTORY_CATEGORIES, HISTORY_ITEMS, LABEL, USER } from '../lib/synthetic/fields.js';
import { newFolder } from './cases/new-files.js';
import { idColumn, listColumn, parquetSketch, type SketchColumn } from './cases/parquet-sketch.js';

const folder = newFolder('fields');
const path = join(folder, 'rows.parquet');

type List = readonly (bigint | null)[] | null;

/** What `take` says of the second row of these columns. */
async function taken<T>(
  columns: readonly SketchColumn[],
  kinds: Columns,
  take: (row: Row) => T,
): Promise<T | undefined> {
  writeFileSync(path, parquetSketch([{ rows: 2, columns }]));
  const file = await ParquetFile.open(path, kinds);
  try {
    for await (const row of file.read()) if (row.number === 1) return take(row);
    return undefined;
  } finally {
    file.close();
  }
}

describe('behaviours', () => {
  const behaviours = (items: List, categories: List) => {
    const columns = [
      idColumn(USER, [4n, 5n]),
      listColumn(HISTORY_ITEMS, [[1n], items]),
      listColumn(HISTORY_CATEGORIES, [[1n], categories]),
    ];
    return taken(columns, HISTORY_COLUMNS, behavioursOf);
  };

  it.each([
    ['without padding', [3n, 4n], [5n, 6n], [3n, 4n], [5n, 6n]],
    ['padded on the left', [0n, 0n, 3n], [0n, 9n, 5n], [3n], [5n]],
    ['padded on the right', [3n, 4n, 0n, 0n], [5n, 6n, 0n, 0n], [3n, 4n], [5n, 6n]],
    ['padded on both sides', [0n, 3n, 0n], [0n, 5n, 0n], [3n], [5n]],
    ['with an unknown item among them', [0n, 3n, 0n], [0n, 5n, 6n], [3n, 0n], [5n, 6n]],
    ['of padding alone', [0n, 0n], [0n, 0n], [], []],
    ['that are not there', null, null, [], []],
    ['of absent ids', [null, 3n], [null, null], [3n], [0n]],
  ])('%s', async (_, items, categories, expected, expectedCategories) => {
    expect(await behaviours(items, categories)).toEqual({
      items: BigInt64Array.from(expected),
      categories: BigInt64Array.from(expectedCategories),
    });
  });

  it.each([
    [[1n, 2n], [1n], `${HISTORY_CATEGORIES}, row 1: must have a category for each of 2 behaviours`],
    [null, [1n], `${HISTORY_CATEGORIES}, row 1: must have a category for each of 0 behaviours`],
    [[1n, 0n, 2n], [1n, 0n, 2n], `${HISTORY_ITEMS}, row 1: must have its padding before or after`],
    [[1n, null, 2n], [1n, null, 2n], 'entry 1 is 0 without a category'],
  ])('never %s of categories %s', async (items, categories, text) => {
    await expect(behaviours(items, categories)).rejects.toThrow(text);
  });
});

describe('a label', () => {
  const label = (values: List) =>
    taken([listColumn(LABEL, [[0n, 1n], values])], { [LABEL]: 'numbers' }, labelOf);

  it.each([
    [[1n, 0n], 0],
    [[0n, 1n], 1],
  ])('may be %s', async (values, expected) => {
    expect(await label(values)).toBe(expected);
  });

  it.each([
    [[1n, 1n], '[1, 1]'],
    [[0n, 0n], '[0, 0]'],
    [[0n, 2n], '[0, 2]'],
    [[-1n, 1n], '[-1, 1]'],
    [[1n], '[1]'],
    [[], '[]'],
    [null, '[]'],
    [[0n, 1n, 0n], '[0, 1, 0]'],
  ])('is never %s', async (values, shown) => {
    const text = `${path}: column ${LABEL}, row 1: must be [1, 0] or [0, 1]; got ${shown}`;
    await expect(label(values)).rejects.toThrow(text);
  });

  it('is never of nulls', async () => {
    await expect(label([null, 1n])).rejects.toThrow(`column ${LABEL}, row 1: must be`);
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
