import { expect } from 'vitest';
import type { Kept } from '../oracle/search.js';

/** Equal positions, and scores equal in every bit. */
export function expectSameBits(kept: Kept, expected: Kept, what: string): void {
  expect(kept.positions.length, `${what}: length`).toBe(expected.positions.length);
  const bits = bitsOf(kept.scores);
  const expectedBits = bitsOf(expected.scores);
  for (let place = 0; place < expected.positions.length; place += 1) {
    if (kept.positions[place] === expected.positions[place] && bits[place] === expectedBits[place])
      continue;
    expect.fail(
      `${what}: place ${place} holds ${shown(kept, place)}, by definition ${shown(expected, place)}`,
    );
  }
}

const bitsOf = (scores: Float32Array) =>
  new Uint32Array(scores.buffer, scores.byteOffset, scores.length);

const shown = ({ positions, scores }: Kept, place: number) =>
  `position ${positions[place]} with score ${scores[place]}`;
