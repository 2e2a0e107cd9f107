/** Which items a history has behaviours of. */

import type { NativeHistory } from '../binding/contract/native-history.js';
import { allocated } from '../support/memory.js';
import { lengthOf } from '../tables/views.js';
import { checkedItems, type SearchedTable } from './search-plan.js';

/** 1 or 0 for each item. */
export function seenItems(
  native: NativeHistory,
  table: SearchedTable,
  items: Int32Array | BigInt64Array,
): Uint8Array {
  const checked = checkedItems('items', table, items);
  const seen = allocated('the answers', () => new Uint8Array(lengthOf(checked)));
  native.has(checked, seen);
  return seen;
}
