/** What `bench/gpu.sh` says of what is known so far: of everything, of nothing, of a line that was cut off. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordOf } from '../../bench/gpu/gpu-record.js';
import type { DeviceTimes, PeerPeak, PeerTime, Rate } from '../../bench/gpu/printed.js';
import { ResultsFolder } from '../../bench/gpu/results-folder.js';
import { readableRecord } from '../../bench/gpu/tables.js';
import { machineOf } from '../../lib/bench/harness/environment.js';

let folder: string;
let results: ResultsFolder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleio-gpu-'));
  results = new ResultsFolder(join(folder, 'state'), join(folder, 'kleio.tar.gz'));
  results.describe({ gpu: null, machine: machineOf(folder) });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function printed(job: string, output: string): void {
  const running = results.begin();
  running.print(Buffer.from(output));
  const date = new Date().toISOString();
  results.end(running, { job, ending: 'passed', seconds: 1, seed: '1', commit: 'one', date });
}

const lines = (...all: readonly (Rate | DeviceTimes | PeerPeak | PeerTime)[]) =>
  all.map((one) => `${JSON.stringify(one)}\n`).join('');

const tables = () => readableRecord(recordOf(results));
const row = (...cells: string[]) => new RegExp(`^ *${cells.map(escaped).join(' +')} *$`, 'm');
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const BY_BLOCKS: DeviceTimes = {
  ...{
    rows: 100_000,
    targets: 1000,
    dim: 128,
    k: 50,
    dtype: 'int8',
    search: 'blocks',
    select: 'block',
  },
  ...{ scanUs: 33.25, selectUs: 61, searchUs: 95.5, searchColdUs: 120 },
};

it('is what is there, and no more', () => {
  expect(tables()).toContain('no GPU');
  expect(tables()).not.toContain('Rates');
});

it('sets times of the device beside what was expected', () => {
  printed('split', `${lines(BY_BLOCKS)}{"rows": 1000`);
  expect(tables()).toMatch(
    row(
      '100 000',
      '1 000',
      '50',
      'int8',
      'blocks',
      '-',
      '-',
      '33.3',
      '61.0',
      '95.5',
      '120',
      '-',
      '72 - 80',
      '17.0',
    ),
  );
});

it('holds round trips against both floors, each by its name, and against PyTorch', () => {
  const work = { bytes: 12_800_000, int8: 25_600_000_000 };
  const point = { targets: 1000, length: 100_000, dim: 128, k: 50, dtype: 'int8' };
  const ms = { p50: 0.2, p99: 0.4 };
  const measured = { case: 'search', point, ms, work, overFloor: 8 };
  printed('search-int8', JSON.stringify({ measurements: [measured] }, undefined, 2));
  printed(
    'torch-bfloat16',
    lines({
      ...{ peer: 'search', way: 'eager', dtype: 'bfloat16' },
      targets: 1000,
      length: 100_000,
      us: 650,
    }),
  );
  const heads = /× floor of mma.sync +× floor of the largest product/;
  expect(tables()).toMatch(heads);
  expect(tables()).toMatch(
    row('search', 'int8', '1 000', '100 000', '50', '200', '400', '8.0', '-', '-', '650'),
  );
  printed(
    'peaks',
    lines(
      { peer: 'peak', name: 'copy', value: 3e12, unit: 'bytes per second' },
      { peer: 'peak', name: 'int8 product', value: 1.28e15, unit: 'operations per second' },
      { peer: 'peak', name: 'bfloat16 product', value: 7e14, unit: 'operations per second' },
    ),
  );
  // 25.6e9 operations at 1.28e15 a second: 20 microseconds.
  expect(tables()).toMatch(
    row('search', 'int8', '1 000', '100 000', '50', '200', '400', '8.0', '10.0', '-', '650'),
  );
});

it('says why something could not be measured', () => {
  printed('rates-wgmma', lines({ probe: 'wgmma', skipped: 'compute 8.0' }));
  printed(
    'torch-attention',
    lines({ peer: 'attention', way: 'compiled', targets: 100, reason: 'no compiler' }),
  );
  expect(tables()).toMatch(row('wgmma', '-', 'compute 8.0'));
  const { rows, targets, dim, k, dtype, search, select } = BY_BLOCKS;
  const skipped = 'its answer is not that of the definition';
  printed('kernels', lines({ rows, targets, dim, k, dtype, search, select, skipped }));
  expect(tables()).toContain(skipped);
  expect(tables()).toMatch(row('attention', 'compiled', '100', '-', '-', '-', 'no compiler'));
});
