/**
 * Measures index trees over a planted corpus: build and changes, recall, latency beside PyTorch.
 *
 *     npm run bench:tree -- changes|recall|latency [--items 1000000] [--out results/tree-recall.json]
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { machineOf } from '../../lib/bench/harness/environment.js';
import { measureChanges } from './measure-changes.js';
import { measureLatency } from './measure-latency.js';
import { measureRecall } from './measure-recall.js';
import { type Kleio, TreeSetting } from './setting.js';

const ROOT = join(__dirname, '..', '..');
const RECALL_BEHAVIOURS = 10_000;

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    items: { type: 'string', default: '1000000' },
    lengths: { type: 'string', default: '10000,100000' },
    users: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const what = positionals[0] ?? 'latency';
  const threads = Number(given.threads);
  // Read when the binary loads.
  process.env.KLEIO_THREADS = given.threads;
  const kleio = require('../../dist/index.js') as Kleio;
  const machine = machineOf(ROOT);
  const [items, seed] = [Number(given.items), Number(given.seed)];
  const setting = await TreeSetting.of(kleio, items, seed);
  const report = { format: 1, machine, isa: kleio.inspect().isa, threads, seed, items, what };
  const results = await measured(what, setting);
  setting.close();
  const text = `${JSON.stringify({ ...report, results }, undefined, 2)}\n`;
  if (given.out === undefined) process.stdout.write(text);
  else writeFileSync(given.out, text);
}

async function measured(what: string, setting: TreeSetting): Promise<unknown> {
  switch (what) {
    case 'changes':
      return measureChanges(setting);
    case 'recall': {
      const users = Array.from({ length: Number(given.users) }, () =>
        setting.corpus.drawUser(RECALL_BEHAVIOURS),
      );
      return measureRecall(setting, users);
    }
    case 'latency':
      return measureLatency(setting, {
        lengths: given.lengths.split(',').map(Number),
        rounds: Number(given.rounds),
        threads: Number(given.threads),
      });
    default:
      throw new Error(`measure changes, recall or latency; got ${what}`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
