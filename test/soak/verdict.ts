/**
 * Whether a process that was soaked holds no more and no more.
 *
 * Flat: of the samples after the warm-up, the first third of the time, the straight line of least squares rises
 * by no more than 5 % of their mean from its start to its end, and none is more than 20 % above their median.
 * File descriptors and threads: after the warm-up as many at every sample, within 2.
 * Given back: once everything is closed, no more than 1.3 times what the process had before it all.
 */
import type { ProcessSample } from './process-sample.js';

const WARM_UP = 1 / 3;
const MAX_RISE = 0.05;
const MAX_ABOVE_MEDIAN = 0.2;
const MAX_COUNTS_APART = 2;
const MAX_LEFT = 1.3;
/** A line through fewer says nothing. */
const LEAST_SAMPLES = 6;

export interface Verdict {
  /** Undefined: too short to tell. */
  readonly flat: boolean | undefined;
  readonly sameCounts: boolean;
  readonly givenBack: boolean;
  readonly lines: readonly string[];
}

export function verdictOn(
  before: ProcessSample,
  during: readonly ProcessSample[],
  after: ProcessSample,
): Verdict {
  const end = during.at(-1)?.seconds ?? 0;
  const warm = during.filter(({ seconds }) => seconds >= WARM_UP * end);
  const { flat, line } = flatness(warm);
  const apart = (of: 'fds' | 'threads') => {
    const counts = warm.map((sample) => sample[of]);
    return Math.max(...counts) - Math.min(...counts);
  };
  const sameCounts = Math.max(apart('fds'), apart('threads')) <= MAX_COUNTS_APART;
  const left = after.rss / before.rss;
  return {
    flat,
    sameCounts,
    givenBack: left <= MAX_LEFT,
    lines: [
      line,
      `fds and threads: ${apart('fds')} and ${apart('threads')} apart, of at most ${MAX_COUNTS_APART}`,
      `after closing everything: ${left.toFixed(2)} times the rss before, of at most ${MAX_LEFT}; ` +
        `fds ${before.fds} then ${after.fds}, threads ${before.threads} then ${after.threads}`,
    ],
  };
}

function flatness(warm: readonly ProcessSample[]): { flat: boolean | undefined; line: string } {
  if (warm.length < LEAST_SAMPLES) return { flat: undefined, line: 'rss: too short to tell' };
  const sizes = warm.map(({ rss }) => rss);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const seconds = warm.at(-1)!.seconds - warm[0]!.seconds;
  const rise = (slopeOf(warm) * seconds) / mean;
  const median = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)]!;
  const above = Math.max(...sizes) / median - 1;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return {
    flat: rise <= MAX_RISE && above <= MAX_ABOVE_MEDIAN,
    line:
      `rss: rose by ${percent(rise)} in ${seconds.toFixed(0)} s, of at most ${percent(MAX_RISE)}; ` +
      `at most ${percent(above)} above its median, of at most ${percent(MAX_ABOVE_MEDIAN)}`,
  };
}

/** Bytes a second, by least squares. */
function slopeOf(samples: readonly ProcessSample[]): number {
  const of = (figure: (sample: ProcessSample) => number) =>
    samples.reduce((sum, sample) => sum + figure(sample), 0) / samples.length;
  const [meanTime, meanSize] = [of(({ seconds }) => seconds), of(({ rss }) => rss)];
  const covariance = of(({ seconds, rss }) => (seconds - meanTime) * (rss - meanSize));
  return covariance / of(({ seconds }) => (seconds - meanTime) ** 2);
}
