/** The columns that are read of each table of Taobao-MM data, and what a row of them says. */

import {
  type Behaviours,
  CATEGORY,
  CITY,
  HISTORY_CATEGORIES,
  HISTORY_ITEMS,
  ITEM,
  LABEL,
  PADDING,
  PROVINCE,
  USER,
  USER_ATTRIBUTES,
} from '../../synthetic/fields.js';
import type { Columns } from '../parquet/file-metadata.js';
import type { Row } from '../parquet/row.js';

export const SAMPLE_COLUMNS: Columns = { [USER]: 'id', [ITEM]: 'id', [LABEL]: 'numbers' };

export const CATEGORY_COLUMNS: Columns = { [ITEM]: 'id', [CATEGORY]: 'id' };

export const ITEM_COLUMNS: Columns = { ...CATEGORY_COLUMNS, [CITY]: 'id', [PROVINCE]: 'id' };

export const HISTORY_COLUMNS: Columns = {
  ...{ [USER]: 'id', [HISTORY_ITEMS]: 'ids', [HISTORY_CATEGORIES]: 'ids' },
};

export const USER_COLUMNS: Columns = {
  ...HISTORY_COLUMNS,
  ...Object.fromEntries(USER_ATTRIBUTES.map((name) => [name, 'id' as const])),
};

/** The user features of a model, in their order. What is unknown of a user is 0. */
export function userOf(row: Row): BigInt64Array {
  return BigInt64Array.from([
    row.id(USER),
    ...USER_ATTRIBUTES.map((name) => row.idOrUnknown(name)),
  ]);
}

/** 1: clicked. */
export function labelOf(row: Row): number {
  const label = row.numbers(LABEL);
  const [unclicked, clicked] = label;
  if (label.length === 2 && unclicked === 0n && clicked === 1n) return 1;
  if (label.length === 2 && unclicked === 1n && clicked === 0n) return 0;
  throw row.fault(LABEL, `must be [1, 0] or [0, 1]; got [${label.slice(0, 9).join(', ')}]`);
}

/**
 * A user's history without its padding, which is left of it in the public data and may be right of it in
 * others. An item that is 0 and has a category is a behaviour with an unknown item.
 */
export function behavioursOf(row: Row): Behaviours {
  const items = row.ids(HISTORY_ITEMS);
  const categories = row.ids(HISTORY_CATEGORIES);
  if (categories.length !== items.length) {
    throw row.fault(
      HISTORY_CATEGORIES,
      `must have a category for each of ${items.length} behaviours; got ${categories.length}`,
    );
  }
  const isPadding = (at: number) => items[at] === PADDING && categories[at] === PADDING;
  let end = items.length;
  while (end > 0 && isPadding(end - 1)) end -= 1;
  let start = 0;
  while (start < end && items[start] === PADDING) start += 1;
  for (let at = start; at < end; ++at) {
    if (!isPadding(at)) continue;
    throw row.fault(
      HISTORY_ITEMS,
      `must have its padding before or after its behaviours; entry ${at} is 0 without a category`,
    );
  }
  return { items: items.subarray(start, end), categories: categories.subarray(start, end) };
}
