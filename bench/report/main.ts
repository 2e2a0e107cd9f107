/**
 * The full report of this machine, in less than 15 minutes on two idle cores: sweeps and overheads, peers,
 * the page of plots, the history.
 *
 *   npm run bench -- [--quick] [--seed N] [--folder bench/results] [--page-only]
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from '../../lib/bench/harness/results.js';
import type { Comparisons } from '../comparison/comparison-record.js';
import type { Proof } from '../gate/proof.js';
import { historyEntry, withEntry } from './history-entry.js';
import { pageOf } from './page-file.js';
import type { HistoryEntry } from './page-record.js';

const ROOT = join(__dirname, '..', '..');

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: join(ROOT, 'bench', 'results') },
    'page-only': { type: 'boolean', default: false },
  },
});

const folder = resolve(given.folder);
const fileOf = (name: string): string => join(folder, name);

function recorded<Kind>(name: string): Kind | null {
  const path = fileOf(name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Kind) : null;
}

function run(...words: string[]): void {
  const shared = ['--seed', given.seed, ...(given.quick ? ['--quick'] : [])];
  execFileSync(process.execPath, [...words, ...shared], { cwd: ROOT, stdio: 'inherit' });
}

function measure(): void {
  mkdirSync(folder, { recursive: true });
  run('dist/cli.js', 'bench', '--out', fileOf('cpu.json'));
  run('--import', 'tsx', 'bench/comparison/main.ts', '--out', fileOf('peers.json'));
  // A quick run is a trial of the harness, not a figure to keep.
  if (given.quick) return;
  const history = recorded<HistoryEntry[]>('history.json') ?? [];
  const entry = historyEntry(recorded<Report>('cpu.json')!);
  const renewed = JSON.stringify(withEntry(history, entry), undefined, 2);
  writeFileSync(fileOf('history.json'), `${renewed}\n`);
}

if (!given['page-only']) measure();
const report = recorded<Report>('cpu.json');
if (report === null) throw new Error(`${fileOf('cpu.json')} is not there: run without --page-only`);
const page = pageOf({
  report,
  peers: recorded<Comparisons>('peers.json'),
  proof: recorded<Proof>('gate.json'),
  history: recorded<HistoryEntry[]>('history.json') ?? [],
});
writeFileSync(fileOf('report.html'), page);
process.stdout.write(`${fileOf('report.html')}\n`);
