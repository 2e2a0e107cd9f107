/** The page of plots needs nothing but itself. */
import { expect, it } from 'vitest';
import { historyEntry, withEntry } from '../../bench/report/history-entry.js';
import { pageOf } from '../../bench/report/page-file.js';
import { basePoint } from '../../lib/bench/harness/point.js';
import type { Measurement, Report } from '../../lib/bench/harness/results.js';

const measurement: Measurement = {
  sweep: 'targets × behaviours',
  case: 'search',
  isa: 'avx2',
  axes: ['targets', 'length'],
  point: basePoint(2),
  ms: {
    ...{ calls: 400, p50: 2, p90: 2.5, p99: 3, p999: null, least: 1.9, most: 9 },
    interval: { lower: 1.98, upper: 2.03 },
    precise: true,
    outliers: { count: 1, largest: [9] },
  },
  perSecond: { calls: 480, targets: 48_000 },
};

const report: Report = {
  format: 1,
  machine: {
    ...{ date: '2026-01-01T00:00:00Z', commit: 'abc', node: 'v20', platform: 'linux-x64' },
    ...{ processor: 'a </script> processor', cores: 2, memoryGiB: 8, loadBefore: [0, 0, 0] },
  },
  ...{ version: '0', binary: null, isa: 'avx2', supportedIsas: ['avx2'], threads: 2 },
  ...{ seed: 1, seconds: 60, peaks: [], measurements: [measurement] },
};

it('carries its record, style and program, and names nothing to fetch', () => {
  const history = [historyEntry(report)];
  const record = { report, peers: null, proof: null, history };
  const page = pageOf(record);
  const [, embedded] = /id="record">(.*?)<\/script>/s.exec(page) ?? [];
  expect(JSON.parse(embedded as string)).toEqual(record);
  expect(page).toContain("content=\"default-src 'none';");
  const program = page.lastIndexOf('<script>');
  const shell = page.slice(0, program);
  expect(shell.match(/<(?:script|img|iframe)[^>]+src=|@import|url\(|https?:/g)).toBeNull();
  expect(page.slice(program + 8).match(/<\/script>/g)).toHaveLength(1);
  expect(page.length).toBeLessThan(2 ** 20);
});

it('follows the headline figures over commits, each measured once', () => {
  const entry = historyEntry(report);
  expect(entry.figures).toEqual([
    { name: 'search int8, 100 × 100 000', p50: 2, lower: 1.98, upper: 2.03 },
  ]);
  const other = { ...entry, commit: 'def' };
  expect(withEntry([entry, other], entry)).toEqual([other, entry]);
});
