/**
 * kleio beside its peers, interleaved in one run; answers are checked before any time is printed.
 *
 *   npm run bench:peers -- [--quick] [--length 1000,100000] [--targets 1,16,100,1000] [--threads 2]
 *                          [--isa avx2] [--seconds 6] [--seed N] [--out bench/results/peers.json]
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { Kleio } from '../../lib/bench/harness/case.js';
import { machineOf } from '../../lib/bench/harness/environment.js';
import { Workload } from '../../lib/bench/harness/workload.js';
import { compareRank } from './compare-rank.js';
import { compareSearch } from './compare-search.js';
import type { Comparison, Comparisons } from './comparison-record.js';
import { readableComparison } from './comparison-text.js';
import { searchPeers } from './peer.js';

const ROOT = join(__dirname, '..', '..');
const DIM = 128;
const K = 50;

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    length: { type: 'string' },
    targets: { type: 'string' },
    threads: { type: 'string', default: '2' },
    isa: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const threads = Number(given.threads);
  // Read when the binary loads.
  process.env.KLEIO_THREADS = given.threads;
  if (given.isa !== undefined) process.env.KLEIO_ISA = given.isa;
  const kleio = require('../../dist/index.js') as Kleio;
  const workload = new Workload(Number(given.seed));
  const seconds = Number(given.seconds ?? (given.quick ? 0.3 : 6));
  const listed = (text: string | undefined, all: number[], quick: number[]) =>
    text?.split(',').map(Number) ?? (given.quick ? quick : all);
  const lengths = listed(given.length, [1000, 100_000, 1_000_000], [1000]);
  const counts = listed(given.targets, [1, 16, 100, 1000], [1, 100]);
  const shared = { machine: machineOf(ROOT), isa: kleio.inspect().isa ?? 'unknown', threads };
  const comparisons: Comparison[] = [];
  const record = (comparison: Comparison) => {
    comparisons.push(comparison);
    process.stdout.write(readableComparison(comparison));
  };
  const { peers, absent } = await searchPeers();
  for (const length of lengths) {
    const asked = { kleio, workload, peers, length, counts, dim: DIM, k: K, threads, seconds };
    const compared = await compareSearch(asked);
    record({
      ...{ kind: 'search', ...shared, seed: workload.seed, length, dim: DIM, k: K },
      results: compared.results,
      absent: [...absent, ...compared.absent],
    });
  }
  const length = given.quick ? 1000 : 100_000;
  const ranked = { kleio, workload, length, counts: counts.filter((n) => n !== 16), threads };
  const rank = await compareRank({ ...ranked, seconds });
  record({ kind: 'rank', ...shared, seed: workload.seed, length, ...rank });
  finish({ format: 1, comparisons });
}

function finish(recorded: Comparisons): void {
  if (given.out !== undefined) {
    writeFileSync(given.out, `${JSON.stringify(recorded, undefined, 2)}\n`);
  }
  const rows = recorded.comparisons.flatMap(({ results }) => results.flatMap(({ rows }) => rows));
  for (const { refused } of rows) {
    if (refused === undefined) continue;
    process.stderr.write(`refused: ${refused}\n`);
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
