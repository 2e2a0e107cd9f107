import { expect } from 'vitest';

/** Largest absolute difference; NaN anywhere is infinitely far. */
export function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const difference = Math.abs((found[i] as number) - (expected[i] as number));
    largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
  }
  return largest;
}

export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(distance(found, expected), what).toBeLessThanOrEqual(tolerance);
}
