/** The command line: what people and machines read, and what a wrong call says. */
import { expect, it } from 'vitest';
import { kleio } from './cases/command-line.js';

const small = ['demo', '--behaviours', '5000', '--targets', '20', '--k', '5'];

it('demonstrates a search and a ranking, reproducibly', async () => {
  const [first, second] = await Promise.all([kleio(...small, '--json'), kleio(...small, '--json')]);
  expect([first.code, first.stderr]).toEqual([0, '']);
  const report = JSON.parse(first.stdout);
  expect(report).toMatchObject({ history: { behaviours: 5000 }, targets: 20, k: 5 });
  expect(report.shown.items.length).toBeGreaterThan(0);
  expect(report.ranking.ranked).toHaveLength(5);
  const again = JSON.parse(second.stdout);
  expect([again.shown, again.ranking.ranked]).toEqual([report.shown, report.ranking.ranked]);
});

it('shows people what was kept, how fast and what ran', async () => {
  const { code, stdout } = await kleio(...small);
  expect(code).toBe(0);
  for (const word of [/5.?000/, /milliseconds/, /threads/, /cosine/, /click/, /mattered/])
    expect(stdout).toMatch(word);
});

it('inspects as JSON and as text', async () => {
  const [json, text] = await Promise.all([kleio('inspect', '--json'), kleio('inspect')]);
  const report = JSON.parse(json.stdout);
  expect(report.binary).toMatch(/kleio\.node$/);
  expect(text.stdout).toContain(report.isa);
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

it.each([
  [['nonsense'], "unknown command 'nonsense'"],
  [['demo', '--tragets', '5'], '--targets'],
  [['bench', 'nonsense'], 'search-category'],
  [['bench', 'top-k', '--unit', 'dot'], "no axis 'unit'"],
  [['bench', '--dtype', 'int4'], 'bfloat16'],
  [['demo', '--k', 'x'], 'k'],
  [['demo', '--k', '0'], 'k'],
  [['demo', '--data', 'no-such-folder'], 'no-such-folder'],
])('refuses %j on standard error', async (words, text) => {
  const { code, stdout, stderr } = await kleio(...words);
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toContain(text);
  // A sentence, not a stack.
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
});
