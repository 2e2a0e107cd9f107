// What a process holds, apart from what its collector has not got round to. Run with --expose-gc.
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

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
 * Private bytes of the process, on a disk if the system has put them there. Linux alone tells them apart;
 * elsewhere all that is resident.
 */
export function privateBytes() {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const status = readFileSync('/proc/self/status', 'utf8');
  const kibibytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return 1024 * (kibibytes('RssAnon') + kibibytes('VmSwap'));
}

/** Those outside JavaScript's heap. */
export function nativeBytes() {
  return privateBytes() - getHeapStatistics().total_physical_size;
}

const MAX_TIMES = 40;

/**
 * The least that `work` grew the process by, of as many times as it takes to find no more than `enough`
 * bytes: what stays behind stays every time, while caches fill and arenas find their size sooner or later.
 */
export async function leastGrowth(work, enough) {
  const least = { live: Number.POSITIVE_INFINITY, native: Number.POSITIVE_INFINITY };
  for (let time = 0; time < MAX_TIMES; ++time) {
    await collected();
    const before = { live: liveBytes(), native: nativeBytes() };
    await work();
    await collected();
    least.live = Math.min(least.live, liveBytes() - before.live);
    least.native = Math.min(least.native, nativeBytes() - before.native);
    if (Math.max(least.live, least.native) <= enough) break;
  }
  return least;
}
