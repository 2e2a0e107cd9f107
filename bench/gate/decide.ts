/** What pairs say: a pure function, so that its rates of error can be tested without a machine. */

import { median, medianInPlace, sortedQuantile } from '../../lib/bench/harness/statistics.js';
import type { Uniform } from '../../lib/bench/harness/uniform.js';

export type Verdict = 'slower' | 'faster' | 'no loss shown';

export interface Decision {
  /** Head over base, less 1: 0.07 is 7 % slower. */
  readonly slowdown: number;
  /** 95 % interval. */
  readonly lower: number;
  readonly upper: number;
  readonly verdict: Verdict;
}

const LEVEL = 0.95;
const RESAMPLES = 1000;

/**
 * `processes`: log(head / base) of the pairs that each process measured.
 *
 * The estimate is the median of the processes' medians: one process that met nothing but noise says
 * little. Its interval comes from a bootstrap of two levels: processes are drawn, because where memory
 * lay is the luck of a process, and within each of them blocks of neighbouring pairs. Head is slower only
 * if the interval's lower end lies above `threshold`.
 */
export function decide(
  processes: readonly (readonly number[])[],
  threshold: number,
  uniform: Uniform,
): Decision {
  const slowdownOf = (logRatio: number) => Math.exp(logRatio) - 1;
  const medians = processes.map((pairs) => medianInPlace(Float64Array.from(pairs)));
  const resampled = Float64Array.from({ length: RESAMPLES }, () => {
    const drawn = processes.map(() => processes[Math.floor(uniform() * processes.length)]!);
    return median(drawn.map((pairs) => medianInPlace(resampledBlocks(pairs, uniform))));
  }).sort();
  const lower = slowdownOf(sortedQuantile(resampled, (1 - LEVEL) / 2));
  const upper = slowdownOf(sortedQuantile(resampled, (1 + LEVEL) / 2));
  const slowdown = slowdownOf(median(medians));
  return { slowdown, lower, upper, verdict: verdictOf(lower, upper, threshold) };
}

function verdictOf(lower: number, upper: number, threshold: number): Verdict {
  if (lower > threshold) return 'slower';
  return upper < -threshold ? 'faster' : 'no loss shown';
}

function resampledBlocks(pairs: readonly number[], uniform: Uniform): Float64Array {
  const block = Math.max(1, Math.floor(Math.sqrt(pairs.length)));
  const resample = new Float64Array(pairs.length);
  for (let at = 0; at < pairs.length; at += block) {
    const start = Math.floor(uniform() * (pairs.length - block + 1));
    for (let i = 0; i < block && at + i < pairs.length; ++i) resample[at + i] = pairs[start + i]!;
  }
  return resample;
}
