/** The shape of a random case: few enough numbers that a failure shrinks to something readable. */
import fc from 'fast-check';
import type { Dtype } from '../oracle/float-formats.js';
import { FAMILY_NAMES, type FamilyName } from './embeddings.js';

/** In which order a history visits the rows of its table. */
const VISITS = ['ascending', 'descending', 'random', 'fewItems'] as const;
export type Visit = (typeof VISITS)[number];

export interface Shape {
  readonly seed: number;
  readonly dtype: Dtype;
  readonly family: FamilyName;
  readonly dim: number;
  /** Rows of the table. */
  readonly rows: number;
  /** Behaviours appended over the life of the history. */
  readonly length: number;
  readonly visit: Visit;
  readonly targets: number;
  readonly k: number;
}

/** Around every tile, panel and block size that a kernel may have. */
const EDGES = [0, 1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 255, 257];

const dims = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom(63, 64, 65, 127, 128, 129, 255, 256, 257, 300) },
  { weight: 1, arbitrary: fc.integer({ min: 41, max: 300 }) },
);

const lengths = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...EDGES) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 500 }) },
  { weight: 1, arbitrary: fc.constantFrom(1023, 1024, 1025, 2047, 2049) },
);

const ks = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 2, 3, 16, 50) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 1, arbitrary: fc.constantFrom(500, 1024, 3000) },
);

const counts = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 15, 16, 17, 33) },
);

const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));

/** Small histories of every kind. */
export const smallShapes = (dtype: Dtype): fc.Arbitrary<Shape> =>
  fc.record({
    seed: seeds,
    dtype: fc.constant(dtype),
    family: fc.constantFrom(...FAMILY_NAMES),
    dim: dims,
    rows: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 600 })),
    length: lengths,
    visit: fc.constantFrom(...VISITS),
    targets: counts,
    k: ks,
  });

/** Long enough that several threads, several blocks and a full candidate buffer take part. */
export const longShapes = (dtype: Dtype): fc.Arbitrary<Shape> =>
  fc.record({
    seed: seeds,
    dtype: fc.constant(dtype),
    family: fc.constantFrom(...FAMILY_NAMES),
    dim: fc.constantFrom(3, 8, 16, 33),
    rows: fc.constantFrom(2000, 12_000, 30_000),
    length: fc.integer({ min: 5000, max: 40_000 }),
    visit: fc.constantFrom(...VISITS),
    targets: fc.constantFrom(1, 2, 7),
    k: fc.constantFrom(1, 10, 50, 300),
  });

/**
 * So much work that threads share a search of the CPU, which is worth it from 120 000 cycles on by
 * native/cpu/search/scan_plan.cc: few targets by dividing the rows, many by dividing the targets.
 */
export const sharedShapes = (dtype: Dtype): fc.Arbitrary<Shape> =>
  fc
    .record({
      seed: seeds,
      family: fc.constantFrom(...FAMILY_NAMES),
      dim: fc.constantFrom(157, 160, 191),
      visit: fc.constantFrom('ascending' as const, 'descending' as const, 'random' as const),
      work: fc.constantFrom(
        [12, 8100],
        [30, 3300],
        [47, 2200],
        [60, 1700],
        [100, 1100],
        [170, 700],
      ),
      // Of many kept the last is far below any thread's best, which must not become the bound.
      k: fc.constantFrom(1, 5, 50, 120),
    })
    .map(({ work, ...shape }) => {
      const [targets, rows] = work as [number, number];
      return { ...shape, dtype, targets, rows, length: 3 * rows };
    });

/** Wide rows: inner products of int8 codes pass 2^24, where float32 no longer holds every integer. */
export const wideShapes = (dtype: Dtype): fc.Arbitrary<Shape> =>
  fc.record({
    seed: seeds,
    dtype: fc.constant(dtype),
    family: fc.constantFrom(...FAMILY_NAMES),
    dim: fc.constantFrom(1023, 1024, 1025, 2048, 3001, 4095, 4096),
    rows: fc.integer({ min: 1, max: 100 }),
    length: fc.integer({ min: 0, max: 150 }),
    visit: fc.constantFrom(...VISITS),
    targets: fc.constantFrom(1, 3),
    k: fc.constantFrom(1, 10, 50),
  });

/** Rows that use the whole error bound of the certified scan. */
export const alignedShapes = (dtype: Dtype): fc.Arbitrary<Shape> =>
  fc.record({
    seed: seeds,
    dtype: fc.constant(dtype),
    family: fc.constant('alignedErrors' as const),
    dim: fc.constantFrom(21, 41, 101, 201),
    rows: fc.integer({ min: 50, max: 4000 }),
    length: fc.integer({ min: 500, max: 4000 }),
    visit: fc.constantFrom('ascending', 'descending', 'random'),
    targets: fc.constant(8),
    k: fc.integer({ min: 1, max: 40 }),
  });
