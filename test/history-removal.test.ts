/** What is removed is counted once, however often it is named. */
import { EmbeddingTable, History } from 'kleio';
import { expect, it } from 'vitest';

it('takes an item that is named twice for one, known or not', () => {
  const ids = BigInt64Array.of(7n, 8n);
  const history = new History(EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, ids }));
  history.append(BigInt64Array.of(7n, 99n, 8n, 99n, 7n, 100n));
  expect(history.remove({ items: BigInt64Array.of(99n, 7n, 99n, 7n) })).toBe(4);
  expect([...history.read().sequences]).toEqual([2, 5]);
  expect([history.length, history.distinct]).toEqual([2, 1]);
  history.append(BigInt64Array.of(99n));
  expect([...history.read().sequences]).toEqual([2, 5, 6]);
});
