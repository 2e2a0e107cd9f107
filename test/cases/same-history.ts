/** What two histories of the same behaviours must agree in. */
import type { BehaviourField, History } from 'kleio';
import { expect } from 'vitest';
import { expectSameBits } from './bitwise.js';
import type { Story } from './history-stories.js';

/** Equal in everything that can be asked. */
export function expectSameHistory(history: History, expected: History, story: Story): void {
  expect(numbersOf(history)).toEqual(numbersOf(expected));
  const columns = expected.length === 0 ? (['rows'] as const) : columnsOf(story);
  expect(history.read({ fields: columns })).toEqual(expected.read({ fields: columns }));
  const items = story.ids ?? Int32Array.from({ length: story.rows }, (_, row) => row);
  expect(history.has(items)).toEqual(expected.has(items));
  if (story.ids !== undefined) {
    const unknown = BigInt64Array.from({ length: 21 }, (_, index) => BigInt(index) * 7n - 99n);
    expect(history.has(unknown)).toEqual(expected.has(unknown));
  }
  if (expected.length === 0) return;
  const targets = Int32Array.from({ length: 3 }, (_, index) => (index * 31) % story.rows);
  for (const by of ['cosine', 'dot'] as const) {
    const options = { k: 20, by, fields: columns, ...(story.times ? { since: 100 } : {}) };
    const kept = history.searchSync(targets, options);
    const same = expected.searchSync(targets, options);
    expectSameBits(kept, same, by);
    expect(kept).toEqual(same);
  }
  if (!story.categories) return;
  const options = { k: 9, by: 'category', categories: BigInt64Array.of(0n, 3n), fields: columns };
  expect(history.searchSync(undefined, options as never)).toEqual(
    expected.searchSync(undefined, options as never),
  );
}

const columnsOf = ({ ids, categories, times }: Story): BehaviourField[] => [
  'rows',
  'sequences',
  ...(ids === undefined ? [] : (['ids'] as const)),
  ...(categories ? (['categories'] as const) : []),
  ...(times ? (['times'] as const) : []),
];

const numbersOf = ({ length, distinct, firstSequence, nextSequence }: History) => ({
  length,
  distinct,
  firstSequence,
  nextSequence,
});
