// What crossing into native code costs.
//
// 1. searchSync with one target over one behaviour: nothing but the boundary.
// 2. What `search` adds to the kernel: the difference between an asynchronous and a synchronous call of
//    the same search, alternating in one run.
//
//   node boundary.mjs [--calls 200000] [--pairs 2000] [--length 10000] [--name NAME]
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EmbeddingTable, History, inspect } from '../dist/index.js';
import { ClusteredVectors, codesOf } from './clustered-vectors.mjs';
import { environment } from './environment.mjs';
import { short, spread } from './statistics.mjs';

const { values: given } = parseArgs({
  options: {
    calls: { type: 'string', default: '200000' },
    pairs: { type: 'string', default: '2000' },
    length: { type: 'string', default: '10000' },
    name: { type: 'string', default: 'boundary' },
  },
});
const [calls, pairs, length] = [given.calls, given.pairs, given.length].map(Number);
const DIM = 128;
/** A single call is near the clock's own cost, so calls are timed in batches. */
const BATCH = 100;

const microseconds = () => Number(process.hrtime.bigint()) / 1000;

function historyOf(behaviours) {
  const vectors = new ClusteredVectors(DIM, 1).draw(behaviours);
  const history = new History(EmbeddingTable.from(codesOf(vectors), { dim: DIM }));
  history.append(Int32Array.from({ length: behaviours }, (_, row) => row));
  return { history, target: codesOf(vectors.subarray(0, DIM)) };
}

function smallestSearch() {
  const { history, target } = historyOf(1);
  const options = { k: 1 };
  const batches = [];
  for (let done = 0; done < calls; done += BATCH) {
    const start = microseconds();
    for (let call = 0; call < BATCH; ++call) history.searchSync(target, options);
    batches.push((microseconds() - start) / BATCH);
  }
  return spread(batches);
}

async function asynchronousOverhead() {
  const { history, target } = historyOf(length);
  const options = { k: 50 };
  const [kernel, asynchronous, added] = [[], [], []];
  for (let pair = 0; pair < pairs; ++pair) {
    const start = microseconds();
    history.searchSync(target, options);
    const middle = microseconds();
    await history.search(target, options);
    const end = microseconds();
    kernel.push(middle - start);
    asynchronous.push(end - middle);
    added.push(end - middle - (middle - start));
  }
  return { kernel: spread(kernel), asynchronous: spread(asynchronous), added: spread(added) };
}

smallestSearch();
const smallest = smallestSearch();
const overhead = await asynchronousOverhead();
const line = ({ median, lower, upper }) => `${short(median)} µs (${short(lower)}–${short(upper)})`;
console.log(`searchSync, 1 target, 1 behaviour: ${line(smallest)}`);
console.log(`searchSync, 1 target, ${length} behaviours: ${line(overhead.kernel)}`);
console.log(`search, the same: ${line(overhead.asynchronous)}`);
console.log(`search adds: ${line(overhead.added)}`);

const report = {
  ...environment(),
  isa: inspect().isa,
  length,
  microseconds: { smallest, ...overhead },
};
mkdirSync(new URL('results/', import.meta.url), { recursive: true });
const file = new URL(`results/${given.name}.json`, import.meta.url);
writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
