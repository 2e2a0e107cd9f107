/** `kleio tree` on the command line. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli, kleio } from './cases/command-line.js';
import { Random } from './cases/random.js';
import { bytesOf, npyOf, safetensorsOf } from './cases/tensor-files.js';
import { drawScorer, type ScorerShape } from './cases/tree-scorers.js';
import { TreeFolder } from './cases/trees.js';

const folder = new TreeFolder();
afterAll(() => folder.clear());

const [items, dim] = [500, 8];
const random = new Random(3);
const values = Int8Array.from({ length: items * dim }, () => random.integer(-90, 90));
const [embeddings, tree, request] = [folder.path(), folder.path(), folder.path()];

const logitOf = (item: number) =>
  values.slice(0, dim).reduce((sum, value, d) => sum + value * values[item * dim + d]!, 0);
/** All items, the likeliest first. */
const ranked = [...Array(items).keys()].sort((a, b) => logitOf(b) - logitOf(a));

beforeAll(async () => {
  writeFileSync(embeddings, npyOf('|i1', [items, dim], bytesOf(values)));
  const block = [ranked[0]!, String(ranked[2])];
  writeFileSync(request, JSON.stringify({ user: [...values.slice(0, dim)], block }));
  const built = await kleio('tree', 'build', '--embeddings', embeddings, '--out', tree);
  expect([built.code, built.stderr]).toEqual([0, '']);
  for (const word of ['500', 'depth 9', 'balance 1.000']) expect(built.stdout).toContain(word);
});

const asked = ['--tree', tree, '--request', request, '--top', '5'];

it('searches as JSON and as text', async () => {
  const json = await kleio('tree', 'search', ...asked, '--beam', '1000', '--json');
  const found = JSON.parse(json.stdout);
  const best = ranked.filter((_, place) => place !== 0 && place !== 2).slice(0, 5);
  expect(found.logits).toEqual(best.map(logitOf));
  const text = await kleio('tree', 'search', ...asked);
  expect(text.stdout).toContain(found.items[0]);
});

it('searches among the items that are allowed', async () => {
  const path = folder.path();
  const allow = [ranked[9], ranked[4], ranked[400]];
  writeFileSync(path, JSON.stringify({ user: [...values.slice(0, dim)], allow }));
  const words = ['--tree', tree, '--request', path, '--top', '5', '--beam', '1000'];
  const { stdout } = await kleio('tree', 'search', ...words, '--json');
  expect(JSON.parse(stdout).items.map(Number).toSorted()).toEqual(allow.toSorted());
  const text = await kleio('tree', 'search', ...words);
  expect(text.stdout).not.toContain('more');
});

it('says how many more were found than it shows', async () => {
  const words = ['--tree', tree, '--request', request, '--beam', '1000'];
  const { stdout } = await kleio('tree', 'search', ...words, '--top', '23');
  expect(stdout).toMatch(/^ +20 /m);
  expect(stdout).not.toMatch(/^ +21 /m);
  expect(stdout).toContain('  and 3 more\n');
});

it('writes a page that needs nothing else', async () => {
  const out = folder.path();
  const { code, stdout } = await kleio('tree', 'report', ...asked, '--beam', '20', '--out', out);
  expect([code, stdout.includes(out)]).toEqual([0, true]);
  const page = readFileSync(out, 'utf8');
  expect(page).not.toMatch(/<(link|img|script)[^>]+(src|href)=/);
  const report = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page)?.[1];
  const { quality, recall } = JSON.parse(report ?? '');
  expect([quality.items, quality.levels.length, recall.levels.length]).toEqual([500, 10, 10]);
  for (const figure of ['balance', 'nodes', 'similarity', 'recall']) {
    expect(page).toContain(`<figure id="${figure}">`);
  }
});

it('reads a request from standard input once', () => {
  const out = folder.path();
  const words = ['tree', 'report', '--tree', tree, '--request', '-', '--out', out, '--json'];
  const input = readFileSync(request, 'utf8');
  const { status, stdout } = spawnSync(process.execPath, [cli, ...words], { input });
  expect(status).toBe(0);
  expect(JSON.parse(String(stdout)).recall.levels).toHaveLength(10);
});

it('says how long the search took, and where the time went if the scorer has stages', async () => {
  const path = folder.path();
  const scorer = folder.path();
  const list = { heads: [[8, 8]], outputs: 8 } as const;
  const shape: ScorerShape = {
    ...{ dim: 8, keepTop: 20, shortSteps: 0, userWidth: 0, coWidth: 8 },
    ...{ first: list, multimodal: list, hidden: [64], tierWidth: 0.1 },
    coGsu: 'inner',
    lists: 'separate',
    esu: 'attention',
  };
  const ids = [...Array(items).keys()].map(BigInt);
  const { tensors, metadata } = drawScorer(shape, { ids, builtInner: items - 1 }, random);
  writeFileSync(scorer, safetensorsOf(Object.fromEntries(tensors), metadata));
  const history = [...Array.from({ length: 3000 }, () => random.integer(0, items - 1)), 777_777];
  writeFileSync(path, JSON.stringify({ history }));
  const words = ['tree', 'search', '--tree', tree, '--request', path, '--weights', scorer];
  const found = JSON.parse((await kleio(...words, '--json')).stdout);
  const { prepareMs, collaborativeMs, multimodalMs, attendMs } = found.stages;
  for (const ms of [prepareMs, collaborativeMs, multimodalMs, attendMs]) {
    expect(ms).toBeGreaterThan(0);
  }
  const stages = prepareMs + collaborativeMs + multimodalMs + attendMs;
  expect(found.elapsedMs).toBeGreaterThanOrEqual(stages);
  expect(found.history).toEqual({ behaviours: 3001, distinct: new Set(history).size - 1 });
  const text = (await kleio(...words)).stdout;
  expect(text).toMatch(/3 001 behaviours of \d+ items of the tree/);
  expect(text).toMatch(/ ms: preparation [\d.]+, collaborative/);
  expect(text).not.toMatch(/\b0\.0+[,\n ]/);

  const plain = await kleio('tree', 'search', ...asked);
  expect(plain.stdout).toMatch(/nodes scored in [\d.]+ ms\n/);
  expect(JSON.parse((await kleio('tree', 'search', ...asked, '--json')).stdout).stages).toBeNull();
});

it('reports a tree where nothing is asked for', async () => {
  const out = folder.path();
  const { code, stdout } = await kleio('tree', 'report', '--tree', tree, '--out', out, '--json');
  expect(code).toBe(0);
  const { quality, recall } = JSON.parse(stdout);
  expect([quality.items, recall]).toEqual([items, undefined]);
  expect(readFileSync(out, 'utf8')).not.toContain('<figure id="recall">');
});

it.each([
  [['tree', 'build', '--out', tree], '--embeddings'],
  [['tree', 'build', '--embeddings', 'no-such-file', '--out', tree], 'no-such-file'],
  [['tree', 'search', '--tree', embeddings], '.npy'],
  [['tree', 'search', '--tree', tree, '--request', embeddings], 'JSON'],
  [['tree', 'search', '--tree', tree], 'user'],
  [['tree', 'search', '--tree', tree, '--request', tree], 'UTF-8'],
  [['tree', 'report', '--tree', tree, '--out', 'x', '--request', 'no-such-file'], 'no-such-file'],
  [['tree', 'report', '--tree', tree, '--out', 'no/such/page.html'], 'no/such/page.html'],
  [['tree', 'search', '--tree', tree, '--beam', '0'], 'beam'],
])('refuses %j on standard error', async (words, text) => {
  const { code, stdout, stderr } = await kleio(...words);
  expect([code === 0, stdout]).toEqual([false, '']);
  expect(stderr).toContain(text);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
});
