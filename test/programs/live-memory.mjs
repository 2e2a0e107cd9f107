// What a process holds, apart from what its collector has not got round to. Run with --expose-gc.
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/** Collects garbage, and lets finalisers run that free native memory, until nothing is left for either. */
export async function collected() {
  for (let pass = 0; pass < 4; ++pass) {
    globalThis.gc();
    await turn();
  }
}

/** Bytes of JavaScript's objects and of what they account for outside the heap. */
export function liveBytes() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Private bytes of the process outside JavaScript's heap, on a disk if the system has put them there.
 * Linux alone tells them apart; elsewhere all that is resident.
 */
export function nativeBytes() {
  const { heapTotal, rss } = process.memoryUsage();
  if (process.platform !== 'linux') return rss - heapTotal;
  const status = readFileSync('/proc/self/status', 'utf8');
  const kibibytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return 1024 * (kibibytes('RssAnon') + kibibytes('VmSwap')) - heapTotal;
}

/**
 * The least that `work` grew the process by, of several times after the first: what stays behind stays
 * every time, while caches and arenas grow once.
 */
export async function leastGrowth(work, times = 4) {
  const least = { live: Number.POSITIVE_INFINITY, native: Number.POSITIVE_INFINITY };
  for (let time = 0; time <= times; ++time) {
    await collected();
    const before = { live: liveBytes(), native: nativeBytes() };
    await work();
    await collected();
    if (time === 0) continue;
    least.live = Math.min(least.live, liveBytes() - before.live);
    least.native = Math.min(least.native, nativeBytes() - before.native);
  }
  return least;
}
