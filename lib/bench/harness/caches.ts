/** Makes caches cold: reads something else that fills them. */

/** Larger than the last-level caches of common servers, chiplet by chiplet. */
const EVICTION_BYTES = 96 * 2 ** 20;
const LINE_WORDS = 8;

let filler: Float64Array | undefined;

/**
 * Leaves the caches of this thread's core, and those it shares, full of other lines. The private
 * caches of other cores keep what they have: docs/benchmarking.md says what that means.
 */
export function evictCaches(): number {
  filler ??= new Float64Array(EVICTION_BYTES / Float64Array.BYTES_PER_ELEMENT).fill(1);
  let sum = 0;
  for (let word = 0; word < filler.length; word += LINE_WORDS) sum += filler[word]!;
  return sum;
}
