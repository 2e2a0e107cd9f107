/** What the item features of Taobao-MM data say of items. Of an item with several rows the first one counts. */

import { CATEGORY, CITY, ITEM, PROVINCE } from '../../synthetic/fields.js';
import type { ParquetTable } from '../parquet/parquet-table.js';
import type { IdNumbers } from './id-numbers.js';
import { RowSet } from './row-set.js';

/** One for each item, by its number. */
export interface ItemAttributes {
  readonly categories: BigInt64Array;
  readonly cities: BigInt64Array;
  readonly provinces: BigInt64Array;
  /** 1: the item features hold it. */
  readonly known: Uint8Array;
}

/**
 * Items that the features do not hold have unknown attributes: 0.
 *
 * @param repeated marked: rows that do not count, for their items have one before.
 */
export async function readAttributes(
  features: ParquetTable,
  items: IdNumbers,
  repeated = new RowSet(features.rows),
): Promise<ItemAttributes> {
  const categories = new BigInt64Array(items.count);
  const cities = new BigInt64Array(items.count);
  const provinces = new BigInt64Array(items.count);
  const known = new Uint8Array(items.count);
  let at = -1;
  for await (const row of features.read()) {
    at += 1;
    const number = items.find(row.id(ITEM));
    if (number < 0) continue;
    if (known[number]) {
      repeated.add(at);
      continue;
    }
    known[number] = 1;
    categories[number] = row.idOrUnknown(CATEGORY);
    cities[number] = row.idOrUnknown(CITY);
    provinces[number] = row.idOrUnknown(PROVINCE);
  }
  return { categories, cities, provinces, known };
}
