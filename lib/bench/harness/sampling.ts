/** Times a call again and again until its median is known as precisely as asked. */

import { bootstrapInterval, medianInPlace } from './statistics.js';
import type { Uniform } from './uniform.js';

export interface Precision {
  /** Half the 95 % interval of the median, relative to it. */
  readonly relative: number;
  /** Ends the measurement of a point even where that is not reached. */
  readonly mostSeconds: number;
  readonly fewestCalls: number;
}

/** Enough for a p99.9 that is not the maximum. */
const CALLS_FOR_TAIL = 2000;
/** Beyond this many calls a tail is known and a bootstrap is slow. */
const MAX_CALLS = 20_000;
const WARM_UP_SECONDS = 0.1;
const MIN_WARM_UP_CALLS = 3;

/** Milliseconds of each call, in order. */
export async function sampleCalls(
  call: () => unknown,
  precision: Precision,
  uniform: Uniform,
  beforeEach?: () => void,
): Promise<Float64Array> {
  await warmUp(call);
  const sample: number[] = [];
  const begun = performance.now();
  let next = precision.fewestCalls;
  while (sample.length < MAX_CALLS) {
    beforeEach?.();
    sample.push(await millisecondsOf(call));
    if (sample.length < precision.fewestCalls) continue;
    const elapsedSeconds = (performance.now() - begun) / 1000;
    if (elapsedSeconds >= precision.mostSeconds) break;
    if (sample.length < next) continue;
    // A quick call can afford its tail even where its median is known.
    const tailKnown = sample.length >= CALLS_FOR_TAIL || elapsedSeconds > precision.mostSeconds / 2;
    if (tailKnown && relativeHalfWidth(sample, uniform) <= precision.relative) break;
    next = Math.ceil(sample.length * 1.5);
  }
  return Float64Array.from(sample);
}

function relativeHalfWidth(sample: ArrayLike<number>, uniform: Uniform): number {
  const { lower, upper } = bootstrapInterval(sample, medianInPlace, { resamples: 100, uniform });
  return (upper - lower) / (upper + lower);
}

async function warmUp(call: () => unknown): Promise<void> {
  const end = performance.now() + WARM_UP_SECONDS * 1000;
  for (let calls = 0; calls < MIN_WARM_UP_CALLS || performance.now() < end; ++calls) {
    await call();
    if (calls >= MAX_CALLS) break;
  }
}

async function millisecondsOf(call: () => unknown): Promise<number> {
  const start = performance.now();
  const answer = call();
  // Awaiting what is there already would charge a synchronous call a turn of the event loop.
  if (answer instanceof Promise) await answer;
  return performance.now() - start;
}
