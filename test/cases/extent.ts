/**
 * How much the tests do. `KLEIO_TEST_EXTENT`, by default `modest`: every promise, by fewer random cases;
 * `all` does everything there is. Test files that do less in the modest extent are those that import this
 * one.
 */

const EXTENTS = ['modest', 'all'] as const;

/** For tests that are left out of the modest extent as a whole: `it.runIf(exhaustive)`. */
export const exhaustive = extentOf(process.env.KLEIO_TEST_EXTENT || 'modest') === 'all';

const MODEST_SHARE = 0.1;

/** A device executed in software takes its time; a GPU deserves more, which KLEIO_TEST_SCALE gives it. */
const onDevice = (process.env.KLEIO_TEST_DEVICE ?? 'cpu') === 'cpu' ? 1 : 0.2;
const scale = Number(process.env.KLEIO_TEST_SCALE || onDevice);
if (!(scale > 0)) throw new Error(`KLEIO_TEST_SCALE=${process.env.KLEIO_TEST_SCALE} is no share`);

/** Of `all` repetitions those to run: a tenth in the modest extent, but `least` at least. */
export function times(all: number, least = 5): number {
  return exhaustive ? all : Math.min(all, Math.max(least, Math.ceil(all * MODEST_SHARE)));
}

/** Likewise, of `all` random cases on the CPU those to run on the device of this process. */
export const cases = (all: number, least = 5): number => times(Math.ceil(all * scale), least);

function extentOf(word: string): (typeof EXTENTS)[number] {
  const known = EXTENTS.find((name) => name === word);
  if (known !== undefined) return known;
  throw new Error(`KLEIO_TEST_EXTENT=${word}: must be one of ${EXTENTS.join(', ')}`);
}
