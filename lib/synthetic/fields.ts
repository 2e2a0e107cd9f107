/** Fields of the public Taobao-MM data, by the numbers that the data set gives them. */

export const ITEM = '205';
export const CATEGORY = '206';
export const CITY = '213';
export const PROVINCE = '214';
export const USER = '129_1';
/** What else is known of a user, in the order of the model's input. */
export const USER_ATTRIBUTES = ['130_1', '130_2', '130_3', '130_4', '130_5'] as const;
/** Oldest first, padded on the left with 0. */
export const HISTORY_ITEMS = '150_2_180';
export const HISTORY_CATEGORIES = '151_2_180';
/** [not clicked, clicked]. */
export const LABEL = 'label_0';

export const PADDING = 0n;

export interface Behaviours {
  readonly items: BigInt64Array;
  readonly categories: BigInt64Array;
}
