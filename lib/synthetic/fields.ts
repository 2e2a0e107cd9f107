/** Fields of the public Taobao-MM data, by the numbers that the data set gives them. */

export const ITEM = '205';
export const CATEGORY = '206';
export const CITY = '213';
export const PROVINCE = '214';
export const USER = '129_1';
/** What else is known of a user, in the order of the model's input. */
export const USER_ATTRIBUTES = ['130_1', '130_2', '130_3', '130_4', '130_5'] as const;
/** Oldest first, padded on the left. */
export const HISTORY_ITEMS = '150_2_180';
export const HISTORY_CATEGORIES = '151_2_180';
/** [not clicked, clicked]. */
export const LABEL = 'label_0';

export const PADDING = 0n;

export interface Behaviours {
  readonly items: BigInt64Array;
  readonly categories: BigInt64Array;
}

/** A user's history without its padding. */
export function behavioursOf(row: Readonly<Record<string, unknown>>): Behaviours {
  const items = idsOf(row[HISTORY_ITEMS]);
  const categories = idsOf(row[HISTORY_CATEGORIES]);
  if (categories.length !== items.length) {
    throw new Error(
      `user ${row[USER]} has ${items.length} behaviours and ${categories.length} categories of them`,
    );
  }
  const padding = items.findIndex((item) => item !== PADDING);
  const start = padding < 0 ? items.length : padding;
  return { items: items.subarray(start), categories: categories.subarray(start) };
}

/** An id of a row; 0, as for padding, where the file has none. */
export function idOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (value === null || value === undefined) return PADDING;
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  throw new Error(`ids must be 64-bit integers; got ${String(value)}`);
}

function idsOf(values: unknown): BigInt64Array {
  return Array.isArray(values) ? BigInt64Array.from(values, idOf) : new BigInt64Array();
}
