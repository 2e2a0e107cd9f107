/** The last bit of a score, where a formula that is as good in float64 would give another one. */
import { EmbeddingTable, History } from 'kleio';
import { expect, it } from 'vitest';
import { testDevice } from './cases/device.js';

function scoreOf<Values extends Int8Array | Float32Array>(
  target: Values,
  row: Values,
  by: 'cosine' | 'dot',
): number {
  const table = EmbeddingTable.from(row, { dim: row.length, device: testDevice });
  const history = new History(table);
  history.append(Int32Array.of(0));
  return history.searchSync(target, { k: 1, by }).scores[0] as number;
}

it('divides a cosine once, by the root of the product of both norms', () => {
  const [target, row] = [Int8Array.of(-115, 98, -18), Int8Array.of(18, -87, 71)];
  const [dot, targetNorm, rowNorm] = [-11_874, 23_153, 12_934];
  const score = Math.fround(dot / Math.sqrt(targetNorm * rowNorm));
  expect(Math.fround(dot / Math.sqrt(targetNorm) / Math.sqrt(rowNorm))).not.toBe(score);
  expect(scoreOf(target, row, 'cosine')).toBe(score);
});

it('gives zero where a negative inner product is too small for float32', () => {
  // Not -0, which would be another key in the order of results.
  expect(scoreOf(Float32Array.of(1e-30, 0), Float32Array.of(-1e-30, 0), 'dot')).toBe(0);
});

it.each([1, -1])(
  'gives the largest float32 of the sign where an inner product is beyond it: %i',
  (sign) => {
    const largest = (2 - 2 ** -23) * 2 ** 127;
    expect(scoreOf(Float32Array.of(3e38), Float32Array.of(sign * 3e38), 'dot')).toBe(
      sign * largest,
    );
  },
);
