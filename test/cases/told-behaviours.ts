/** What searches and readings tell of behaviours, beside what is remembered of them. */
import type { BehaviourField, Kept } from 'kleio';
import { expect } from 'vitest';
import type { Found, Remembered } from '../oracle/remembered.js';

/** What a search tells of itself. */
export interface Told {
  readonly count: number;
  readonly k: number;
  readonly first: number;
}

export const sequenceOf = ({ sequence }: Remembered): number => sequence;

export function expectKept(
  kept: Kept<BehaviourField>,
  expected: readonly (readonly Found[])[],
  told: Told,
): void {
  expect({ count: kept.count, k: kept.k, first: kept.first }).toEqual(told);
  expect(kept.positions.length).toBe(told.count * told.k);
  const places = expected.flatMap((found) =>
    Array.from({ length: told.k }, (_, place) => found[place]),
  );
  expectColumns(kept, places);
  for (const [place, found] of places.entries()) {
    const position = found === undefined ? -1 : found.sequence - told.first;
    const score = found === undefined ? Number.NEGATIVE_INFINITY : found.score;
    if (kept.positions[place] === position && Object.is(kept.scores[place], score)) continue;
    expect.fail(
      `place ${place} holds position ${kept.positions[place]} of score ${kept.scores[place]}, by definition ${position} of ${score}`,
    );
  }
}

/** Undefined: an empty place. */
export function expectColumns(
  columns: Partial<Pick<Kept<BehaviourField>, BehaviourField>>,
  expected: readonly (Remembered | undefined)[],
): void {
  const { rows, ids, times, categories, sequences } = columns;
  const told = (
    column: ArrayLike<number | bigint> | undefined,
    value: (one: Remembered) => unknown,
    empty: unknown,
  ) => {
    if (column === undefined) return;
    expect(Array.from(column)).toEqual(
      expected.map((one) => (one === undefined ? empty : value(one))),
    );
  };
  told(rows, ({ row }) => row, -1);
  told(ids, ({ id }) => id ?? 0n, 0n);
  told(times, ({ time }) => time, Number.NaN);
  told(categories, ({ category }) => category, 0n);
  told(sequences, sequenceOf, -1);
}
