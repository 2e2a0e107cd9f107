// How late the event loop runs while searches follow each other without a pause: 1000 targets over
// 100 000 behaviours, again and again. Two probes: how late a 1 ms timer fires, and Node's own delay
// histogram at 1 ms resolution.
//
//   node loop-lag.mjs [--length 100000] [--targets 1000] [--seconds 20] [--dtype int8] [--threads N] [--name NAME]
import { mkdirSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EmbeddingTable, History, inspect } from '../dist/index.js';
import { ClusteredVectors, codesOf } from './clustered-vectors.mjs';
import { environment } from './environment.mjs';
import { quantile, short } from './statistics.mjs';

const { values: given } = parseArgs({
  options: {
    length: { type: 'string', default: '100000' },
    targets: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    dtype: { type: 'string', default: 'int8' },
    threads: { type: 'string' },
    name: { type: 'string', default: 'loop-lag' },
  },
});
const [length, count, seconds] = [given.length, given.targets, given.seconds].map(Number);
const DIM = 128;
const TICK_MS = 1;

const source = new ClusteredVectors(DIM, 1);
const stored = (vectors) => (given.dtype === 'int8' ? codesOf(vectors) : vectors);
const history = new History(EmbeddingTable.from(stored(source.draw(length)), { dim: DIM }));
history.append(Int32Array.from({ length }, (_, row) => row));
const targets = stored(source.draw(count));
const options = { k: 50, ...(given.threads && { threads: Number(given.threads) }) };

/** Milliseconds by which each 1 ms timer was late, while `work` runs. */
async function latenessDuring(work) {
  const lateness = [];
  let running = true;
  let due = performance.now() + TICK_MS;
  const tick = () => {
    lateness.push(Math.max(0, performance.now() - due));
    due = performance.now() + TICK_MS;
    if (running) setTimeout(tick, TICK_MS);
  };
  setTimeout(tick, TICK_MS);
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  running = false;
  return {
    samples: lateness.length,
    timer: {
      p50: quantile(lateness, 0.5),
      p99: quantile(lateness, 0.99),
      max: quantile(lateness, 1),
    },
    // The histogram counts the whole interval, of which 1 ms is its resolution.
    histogram: {
      p50: histogram.percentile(50) / 1e6 - TICK_MS,
      p99: histogram.percentile(99) / 1e6 - TICK_MS,
      max: histogram.max / 1e6 - TICK_MS,
    },
  };
}

let searches = 0;
async function searchBackToBack() {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await history.search(targets, options);
    searches += 1;
  }
}

await history.search(targets, options);
const idle = await latenessDuring(() => pause(Math.min(seconds, 5) * 1000));
const busy = await latenessDuring(searchBackToBack);
const line = ({ p50, p99, max }) =>
  `p50 ${short(p50)} ms, p99 ${short(p99)} ms, max ${short(max)} ms`;
console.log(`${searches} searches of ${count} × ${length} in ${seconds} s`);
console.log(`idle:      timer ${line(idle.timer)}; histogram ${line(idle.histogram)}`);
console.log(`searching: timer ${line(busy.timer)}; histogram ${line(busy.histogram)}`);

const report = {
  ...environment(),
  isa: inspect().isa,
  length,
  count,
  searches,
  milliseconds: { idle, busy },
};
mkdirSync(new URL('results/', import.meta.url), { recursive: true });
const file = new URL(`results/${given.name}.json`, import.meta.url);
writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
