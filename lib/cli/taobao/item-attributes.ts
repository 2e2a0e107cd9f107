/** What the item features of Taobao-MM data say of items. */

import { CATEGORY, CITY, ITEM, idOf, PROVINCE } from '../../synthetic/fields.js';
import type { IdNumbers } from './id-numbers.js';
import { fieldRows } from './parquet.js';

/** One for each item, by its number. */
export interface ItemAttributes {
  readonly categories: BigInt64Array;
  readonly cities: BigInt64Array;
  readonly provinces: BigInt64Array;
  /** 1: the item features hold it. */
  readonly known: Uint8Array;
}

/** Items that the features do not hold have unknown attributes: 0. */
export async function readAttributes(
  paths: readonly string[],
  items: IdNumbers,
): Promise<ItemAttributes> {
  const categories = new BigInt64Array(items.count);
  const cities = new BigInt64Array(items.count);
  const provinces = new BigInt64Array(items.count);
  const known = new Uint8Array(items.count);
  const fields = [ITEM, CATEGORY, CITY, PROVINCE];
  for await (const row of fieldRows(paths, fields, Number.POSITIVE_INFINITY)) {
    const number = items.find(idOf(row[ITEM]));
    if (number < 0 || known[number]) continue;
    known[number] = 1;
    categories[number] = idOf(row[CATEGORY]);
    cities[number] = idOf(row[CITY]);
    provinces[number] = idOf(row[PROVINCE]);
  }
  return { categories, cities, provinces, known };
}
