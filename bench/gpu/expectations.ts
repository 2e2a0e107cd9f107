/**
 * What was computed before anything ran on a GPU, in microseconds of the device, rows warm: so that a
 * measurement says which of it was wrong. How it was computed: docs/cuda-kernels.md.
 */

export interface Expectation {
  /** int8 rows of 128 dimensions. */
  readonly rows: number;
  readonly targets: number;
  readonly k: number;
  readonly search: 'blocks' | 'lists';
  /** To read the codes once, or to multiply them. */
  readonly floorUs: number;
  readonly expectedUs: readonly [least: number, most: number];
}

export const EXPECTATIONS: readonly Expectation[] = [
  expected(10_000, 1, 50, 'blocks', 3, [6, 8]),
  expected(100_000, 1, 50, 'blocks', 3, [9, 12]),
  expected(1_000_000, 1, 50, 'blocks', 30, [40, 50]),
  expected(1_000_000, 16, 50, 'blocks', 30, [40, 50]),
  expected(100_000, 100, 50, 'blocks', 3, [18, 30]),
  // Scan 30 to 37, select about 60: four rounds of 16.
  expected(100_000, 1000, 50, 'blocks', 17, [90, 100]),
  expected(100_000, 2000, 50, 'blocks', 34, [180, 200]),
  // Sample 4, threshold 5, append 30 with mma.sync, select 10 to 60, gaps 3.
  expected(100_000, 1000, 50, 'lists', 17, [52, 102]),
  expected(100_000, 1000, 1024, 'blocks', 17, [230, 260]),
];

export function expectationOf(
  shape: Pick<Expectation, 'rows' | 'targets' | 'k' | 'search'> & {
    readonly dim: number;
    readonly dtype: string;
  },
): Expectation | undefined {
  if (shape.dim !== 128 || shape.dtype !== 'int8') return undefined;
  return EXPECTATIONS.find((one) =>
    (['rows', 'targets', 'k', 'search'] as const).every((axis) => one[axis] === shape[axis]),
  );
}

function expected(
  rows: number,
  targets: number,
  k: number,
  search: Expectation['search'],
  floorUs: number,
  expectedUs: Expectation['expectedUs'],
): Expectation {
  return { rows, targets, k, search, floorUs, expectedUs };
}
