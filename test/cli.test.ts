/** The command line: what people and machines read, and what a wrong call says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { EmbeddingTable, History, inspect } from 'kleio';
import { expect, it, onTestFinished, vi } from 'vitest';
import { cli, expectRefusal, kleio } from './cases/command-line.js';

const small = ['demo', '--behaviours', '5000', '--targets', '20', '--k', '5'];

const packageFolder = resolve(cli, '../..');

interface Latency {
  readonly targets: number;
  readonly call: string;
}
const calls = ['searchSync', 'search'];

it('demonstrates a search and a ranking, reproducibly', async () => {
  const demo = (...words: string[]) => kleio(...small, ...words, '--json');
  const [first, second, other] = await Promise.all([demo(), demo(), demo('--seed', '2')]);
  expect([first.code, first.stderr]).toEqual([0, '']);
  const report = JSON.parse(first.stdout);
  expect(report).toMatchObject({ history: { behaviours: 5000 }, targets: 20, k: 5 });
  expect(report.shown.items.length).toBeGreaterThan(0);
  expect(report.ranking.ranked).toHaveLength(5);
  const measured = report.latencies.map(({ targets, call }: Latency) => [targets, call]);
  expect(measured).toEqual([1, 20].flatMap((count) => calls.map((call) => [count, call])));
  const again = JSON.parse(second.stdout);
  expect([again.shown, again.ranking.ranked]).toEqual([report.shown, report.ranking.ranked]);
  const reseeded = JSON.parse(other.stdout);
  expect(reseeded.shown).not.toEqual(report.shown);
  expect(reseeded.ranking.ranked).not.toEqual(report.ranking.ranked);
  // Items of a category are alike, those of different ones are not.
  for (const { shown } of [report, reseeded]) {
    for (const { category } of shown.items) expect(category).toBe(shown.category);
  }
  // A model without item similarity would keep nothing.
  for (const { mattered } of report.ranking.ranked) expect(mattered.length).toBeGreaterThan(0);
});

it('measures the only target once', async () => {
  const { stdout } = await kleio('demo', '--behaviours', '500', '--targets', '1', '--json');
  const { latencies, ranking } = JSON.parse(stdout);
  expect(latencies.map(({ call }: Latency) => call)).toEqual(calls);
  expect(ranking.latencies.map(({ call }: Latency) => call)).toEqual(['rankSync', 'rank']);
});

it('shows people what was kept, how fast and what ran', async () => {
  const { code, stdout } = await kleio(...small);
  expect(code).toBe(0);
  for (const word of [
    /5.?000/,
    /milliseconds/,
    /threads/,
    /cosine/,
    /click/,
    /mattered/,
    /\d\.\d MB/,
  ])
    expect(stdout).toMatch(word);
});

it('says what histories take, as JSON and as text', async () => {
  const words = [
    'memory',
    '--histories',
    '1000000',
    '--behaviours',
    '20',
    '--rows',
    '1000',
    '--ids',
  ];
  const [json, text, fewer] = await Promise.all([
    kleio(...words, '--json'),
    kleio(...words),
    kleio(...words, '--items', '10', '--json'),
  ]);
  const { bytes, ...shape } = JSON.parse(json.stdout);
  expect(shape).toMatchObject({
    histories: 1_000_000,
    behaviours: 20,
    items: 20,
    dim: 64,
    dtype: 'int8',
  });
  const history = new History(EmbeddingTable.from(new Int8Array(20 * 64).fill(1), { dim: 64 }));
  history.append(Int32Array.from({ length: 20 }, (_, row) => row));
  expect(bytes.history).toBe(history.byteLength);
  expect(bytes.all).toBe(1e6 * (bytes.history + bytes.objects) + bytes.table);
  expect(bytes.table).toBe(1000 * 64 + 16 * 2048);
  expect(JSON.parse(fewer.stdout).bytes.history).toBeLessThan(bytes.history);
  expect(text.stdout).toMatch(/^ +1 000 000 of them +3 352 000 000 +3\.35 GB$/m);
});

it('inspects as JSON and as text', async () => {
  const [json, text] = await Promise.all([kleio('inspect', '--json'), kleio('inspect')]);
  const report = JSON.parse(json.stdout);
  expect(report.binary).toMatch(/kleio\.node$/);
  expect(text.stdout).toContain(report.isa);
  expect(text.stdout).toMatch(/^ +loaded: .*kleio\.node \([^)]*\)$/m);
});

it('inspects where no binary loads, and fails', async () => {
  vi.stubEnv('KLEIO_BINARY', 'nowhere.node');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, stdout } = await kleio('inspect');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ {2}refused: \/.*\/nowhere\.node \(KLEIO_BINARY\): no such file$/m);
  expect(stdout).toMatch(/^variables .*KLEIO_BINARY=nowhere\.node/m);
  expect(stdout).toContain('unset KLEIO_BINARY');
  expect(JSON.parse((await kleio('inspect', '--json')).stdout).binary).toBeNull();
});

it('measures what is asked for, beside what this machine can do', async () => {
  const words = ['search', '--targets', '2', '--length', '300,400', '--seconds', '0.05'];
  const { code, stdout } = await kleio('bench', ...words, '--json');
  expect(code).toBe(0);
  const { measurements, peaks, seed } = JSON.parse(stdout);
  const lengths = measurements.map(({ point }: { point: { length: number } }) => point.length);
  expect([lengths, seed]).toEqual([[300, 400], 1]);
  expect(peaks.length).toBeGreaterThan(0);
  // How far above its floor a search is depends on who shares the machine: bench/ looks at that.
  for (const { overFloor } of measurements) expect(overFloor).toBeGreaterThan(0);
});

it('measures at the instruction sets asked for, and writes what it prints', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-bench-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'report.json');
  const words = ['--isa', 'scalar', '--length', '300', '--seconds', '0.05', '--seed', '7'];
  const { code, stdout } = await kleio('bench', ...words, '--json', '--out', out);
  expect(code).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe(stdout);
  const { version, supportedIsas, binary } = inspect();
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ format: 1, version, supportedIsas });
  expect(report.binary).toBe(relative(packageFolder, binary as string));
  const { measurements, seed, overheads } = report;
  expect([measurements.map(({ isa }: { isa: string }) => isa), seed]).toEqual([['scalar'], 7]);
  expect(overheads).toBeUndefined();
});

it('lists what can be measured, and along what', async () => {
  const { code, stdout } = await kleio('bench', '--list');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  const place = lines.findIndex((line) => line.startsWith('search: '));
  expect(lines[place + 1]).toMatch(/^ +--targets .*--length/);
});

it('ends without a word where nobody reads on', async () => {
  const child = spawn(process.execPath, [cli, 'inspect', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const [code, signal] = await once(child, 'close');
  expect({ code, signal, said }).toEqual({ code: 0, signal: null, said: '' });
});

it.each([
  [['nonsense'], "unknown command 'nonsense'"],
  [['demo', '--tragets', '5'], '--targets'],
  [['bench', 'nonsense'], 'search-category'],
  [['bench', 'top-k', '--unit', 'dot'], "no axis 'unit'"],
  [['bench', '--dtype', 'int4'], 'bfloat16'],
  [['demo', '--k', 'x'], 'k'],
  [['demo', '--k', '0'], 'k'],
  [['demo', '--data', 'no-such-folder'], 'no-such-folder'],
])('refuses %j on standard error', expectRefusal);
