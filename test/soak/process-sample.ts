/** What the process holds at a moment when nothing runs. */
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

export interface ProcessSample {
  readonly seconds: number;
  /** Bytes. */
  readonly rss: number;
  readonly heap: number;
  /** What JavaScript's objects account for outside the heap. */
  readonly external: number;
  /** Of this process; 0 where the system does not show them. */
  readonly fds: number;
  readonly threads: number;
}

/** After the collector and the finalisers that it calls. Wants --expose-gc. */
export async function sampled(seconds: number): Promise<ProcessSample> {
  for (let pass = 0; pass < 4; ++pass) {
    globalThis.gc?.();
    await turn();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const listed = (folder: string) =>
    process.platform === 'linux' ? readdirSync(`/proc/self/${folder}`).length : 0;
  // Without the one that lists them.
  return { seconds, rss, heap: heapUsed, external, fds: listed('fd') - 1, threads: threads() };
}

function threads(): number {
  if (process.platform !== 'linux') return 0;
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]);
}

export function sampleText({ seconds, rss, heap, external, fds, threads }: ProcessSample): string {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    `${seconds.toFixed(0).padStart(6)} s`,
    `rss ${mib(rss).padStart(10)}`,
    `heap ${mib(heap).padStart(9)}`,
    `external ${mib(external).padStart(9)}`,
    `fds ${fds}`,
    `threads ${threads}`,
  ].join('  ');
}
