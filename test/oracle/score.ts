/**
 * The canonical score in plain float64, written from its definition:
 *
 *   dot = sum over ascending d of a[d]·b[d];  cosine = dot / sqrt(|a|²·|b|²), clamped to [-1, 1];
 *   rounded once to float32; -0 is 0; an inner product beyond float32 is the largest finite float32.
 *
 * int8 sums stay below 2^53, so the same float64 loop is exact integer arithmetic for them.
 */
import { ELEMENT_TYPES } from './float-formats.js';

/** A vector: `dim` numbers of `numbers` from `start`. */
export interface Vector {
  readonly numbers: Float64Array;
  readonly start: number;
}

export function innerProduct(a: Vector, b: Vector, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d += 1) {
    sum += (a.numbers[a.start + d] as number) * (b.numbers[b.start + d] as number);
  }
  return sum;
}

export function squaredNorm(a: Vector, dim: number): number {
  return innerProduct(a, a, dim);
}

/** Both squared norms are above zero. */
export function cosineScore(dot: number, targetNorm: number, behaviourNorm: number): number {
  const cosine = dot / Math.sqrt(targetNorm * behaviourNorm);
  return roundedScore(Math.min(1, Math.max(-1, cosine)));
}

export function innerProductScore(dot: number): number {
  const largest = ELEMENT_TYPES.float32.largest;
  return roundedScore(Math.min(largest, Math.max(-largest, dot)));
}

function roundedScore(value: number): number {
  return Math.fround(value) + 0;
}
