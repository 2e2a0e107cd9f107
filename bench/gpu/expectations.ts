/**
 * What was computed before anything ran on a GPU, in microseconds of the device, rows warm: so that a
 * measurement says which of it was wrong. How it was computed: docs/cuda-kernels.md.
 */

import type { DeviceTimes } from './printed.js';

export interface Expectation {
  /** int8 rows of 128 dimensions. */
  readonly rows: number;
  readonly targets: number;
  readonly k: number;
  /** As wayOf says it. */
  readonly way: string;
  /** To read the codes once, or to multiply them. */
  readonly floorUs: number;
  readonly expectedUs: readonly [least: number, most: number];
}

export const EXPECTATIONS: readonly Expectation[] = [
  expected(1, 10_000, 50, 'blocks', 3, [6, 8]),
  expected(1, 100_000, 50, 'blocks', 3, [9, 12]),
  expected(1, 1_000_000, 50, 'blocks', 30, [40, 50]),
  expected(16, 1_000_000, 50, 'blocks', 30, [40, 50]),
  expected(100, 100_000, 50, 'blocks', 3, [18, 30]),
  expected(1000, 100_000, 50, 'blocks', 17, [72, 80]),
  expected(1000, 100_000, 50, 'blocks, warp', 17, [62, 74]),
  expected(1000, 100_000, 50, 'lists', 17, [61, 69]),
  expected(1000, 100_000, 50, 'lists, warp', 17, [47, 57]),
  expected(1000, 100_000, 50, 'lists, warp, wgmma', 17, [38, 44]),
  expected(2000, 100_000, 50, 'blocks', 34, [144, 160]),
  expected(1000, 100_000, 1024, 'blocks', 17, [180, 260]),
];

/** How a search was executed. */
export function wayOf({ search, select, append }: DeviceTimes): string {
  return [search, select === 'warp' ? select : '', append === 'wgmma' ? append : '']
    .filter(Boolean)
    .join(', ');
}

export function expectationOf(times: DeviceTimes): Expectation | undefined {
  if (times.dim !== 128 || times.dtype !== 'int8') return undefined;
  return EXPECTATIONS.find(
    ({ rows, targets, k, way }) =>
      rows === times.rows && targets === times.targets && k === times.k && way === wayOf(times),
  );
}

function expected(
  targets: number,
  rows: number,
  k: number,
  way: string,
  floorUs: number,
  expectedUs: Expectation['expectedUs'],
): Expectation {
  return { rows, targets, k, way, floorUs, expectedUs };
}
