import { describe, expect, it } from 'vitest';
import {
  bfloat16OfNumber,
  elementsOf,
  float8OfNumber,
  halfOfNumber,
  numberOfBfloat16,
  numberOfFloat8,
  numberOfHalf,
  numbersOf,
} from './float-formats.js';
import { cosineScore, innerProduct, innerProductScore } from './score.js';
import { searchCategories, searchEmbeddings, vectorAt } from './search.js';

const allBits = Array.from({ length: 65536 }, (_, bits) => bits);

describe('floats of 8 and 16 bits', () => {
  it('reads known binary16 patterns', () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x8000].map(numberOfHalf)).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      -0,
    ]);
    expect(numberOfHalf(0x7c00)).toBe(Number.POSITIVE_INFINITY);
    expect(numberOfHalf(0x7e00)).toBeNaN();
  });

  it('reads bfloat16 as the upper half of a float32, every pattern', () => {
    const words = Uint32Array.from(allBits, (bits) => bits * 65536);
    const asFloat32 = Array.from(new Float32Array(words.buffer));
    expect(allBits.map(numberOfBfloat16)).toEqual(asFloat32);
  });

  it('reads E4M3 as its specification lists it', () => {
    const patterns = [0x38, 0xb8, 0x7e, 0xfe, 0x08, 0x07, 0x01, 0x00, 0x80];
    const numbers = [1, -1, 448, -448, 2 ** -6, 7 * 2 ** -9, 2 ** -9, 0, -0];
    expect(patterns.map(numberOfFloat8)).toEqual(numbers);
    const special = Array.from({ length: 256 }, (_, bits) => bits).filter(
      (bits) => !Number.isFinite(numberOfFloat8(bits)),
    );
    expect(special).toEqual([0x7f, 0xff]);
  });

  it('writes back every finite pattern that it reads', () => {
    const finite = (read: (bits: number) => number, patterns = allBits) =>
      patterns.filter((bits) => Number.isFinite(read(bits)));
    const float8s = finite(numberOfFloat8, allBits.slice(0, 256));
    expect(float8s.map((bits) => float8OfNumber(numberOfFloat8(bits)))).toEqual(float8s);
    const halves = finite(numberOfHalf);
    expect(halves.map((bits) => halfOfNumber(numberOfHalf(bits)))).toEqual(halves);
    const bfloats = finite(numberOfBfloat16);
    expect(bfloats.map((bits) => bfloat16OfNumber(numberOfBfloat16(bits)))).toEqual(bfloats);
  });

  it('rounds ties to even and overflows to infinity', () => {
    expect(halfOfNumber(1 + 2 ** -11)).toBe(0x3c00);
    expect(halfOfNumber(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(halfOfNumber(2 ** -25)).toBe(0);
    expect(halfOfNumber(2 ** -25 * 1.01)).toBe(1);
    expect(halfOfNumber(65520)).toBe(0x7c00);
    expect(bfloat16OfNumber(1 + 2 ** -8)).toBe(0x3f80);
    expect([17 / 16, 19 / 16, 2 ** -10, 464, 465].map(float8OfNumber)).toEqual([
      0x38, 0x3a, 0, 0x7e, 0x7f,
    ]);
    expect(bfloat16OfNumber(-(1 + 3 * 2 ** -8))).toBe(0xbf82);
  });

  it('saturates when storing', () => {
    expect(elementsOf(Float64Array.of(-500, 500, 0.6), 'int8')).toEqual(Int8Array.of(-128, 127, 1));
    expect(Array.from(numbersOf(elementsOf(Float64Array.of(1e9), 'float16'), 'float16'))).toEqual([
      65504,
    ]);
  });
});

describe('canonical score', () => {
  const vector = (...numbers: number[]) => ({ numbers: Float64Array.from(numbers), start: 0 });

  it('adds in ascending order', () => {
    expect(innerProduct(vector(1e16, 1, -1e16), vector(1, 1, 1), 3)).toBe(0);
    expect(innerProduct(vector(1e16, -1e16, 1), vector(1, 1, 1), 3)).toBe(1);
  });

  it('clamps, rounds once and has no negative zero', () => {
    expect(cosineScore(25.0000001, 25, 25)).toBe(1);
    expect(cosineScore(-25.0000001, 25, 25)).toBe(-1);
    expect(cosineScore(1, 3, 3)).toBe(Math.fround(1 / 3));
    expect(Object.is(cosineScore(-0, 1, 1), 0)).toBe(true);
    expect(Object.is(innerProductScore(-1e-60), 0)).toBe(true);
    expect(innerProductScore(1e300)).toBe(3.4028234663852886e38);
  });
});

describe('search by definition', () => {
  // Rows: 0 = (1,0), 1 = (1,1), 2 = zero, 3 = (-1,0).
  const table = { numbers: Float64Array.of(1, 0, 1, 1, 0, 0, -1, 0), dim: 2 };
  const rows = [0, 1, 2, 0, -1, 3];
  const behaviours = rows.map((row, index) => ({ row, category: BigInt(row), time: index }));
  const diagonal = Math.fround(Math.SQRT1_2);
  const east = [vectorAt(table, 0)];

  it('orders by score, then by recency, and never keeps zero or absent embeddings', () => {
    const kept = searchEmbeddings(table, behaviours, east, { k: 6 });
    expect(Array.from(kept.positions)).toEqual([3, 0, 1, 5, -1, -1]);
    const none = Number.NEGATIVE_INFINITY;
    expect(Array.from(kept.scores)).toEqual([1, 1, diagonal, -1, none, none]);
  });

  it('keeps nothing for a zero or absent target', () => {
    const kept = searchEmbeddings(table, behaviours, [vectorAt(table, 2), undefined], { k: 1 });
    expect(Array.from(kept.positions)).toEqual([-1, -1]);
  });

  it('obeys every option', () => {
    const positions = (query: object) =>
      Array.from(searchEmbeddings(table, behaviours, east, { k: 3, ...query }).positions);
    expect(positions({ distinct: true })).toEqual([3, 1, 5]);
    expect(positions({ minScore: Math.SQRT1_2 })).toEqual([3, 0, 1]);
    expect(positions({ minScore: 0.8 })).toEqual([3, 0, -1]);
    expect(positions({ since: 1 })).toEqual([3, 1, 5]);
    expect(positions({ exclude: new Set([0]) })).toEqual([1, 5, -1]);
    expect(positions({ by: 'dot' })).toEqual([3, 1, 0]);
  });

  it('keeps the newest of a category, embedding or not', () => {
    const kept = searchCategories(behaviours, [0n, -1n, 9n], { k: 2 });
    expect(Array.from(kept.positions)).toEqual([3, 0, 4, -1, -1, -1]);
    expect(kept.scores[0]).toBe(1);
  });
});
