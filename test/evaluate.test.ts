/** `kleio evaluate` and `kleio rank` say what ranking every sample by the formulas says. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { auc, gauc, inspect } from 'kleio';
import { expect, it, onTestFinished } from 'vitest';
import { expectRefusal, kleio } from './cases/command-line.js';
import { goldenFile, goldenRequests, weightsPath } from './cases/muse-golden.js';
import { newFolder } from './cases/new-files.js';
import { pagesOf, splitRows } from './cases/split-rows.js';
import { writeTaobaoData } from './cases/taobao-data.js';
import { Muse } from './oracle/muse.js';
import { museWeightsOf } from './oracle/muse-weights.js';

const folder = newFolder('evaluate');

// Small groups and pages: every column turns many of them.
const SEED = 20_260;
const SHAPE = {
  users: 30,
  items: 60,
  samples: 600,
  longestHistory: 120,
  rowGroupSize: 11,
  pageSize: 4096,
};
const data = writeTaobaoData(folder, SEED, SHAPE);

interface Report {
  readonly data: { readonly parts: number };
  readonly samples: number;
  readonly requests: number;
  readonly elapsedSeconds: number;
  readonly requestsPerSecond: number;
  readonly auc: number;
  readonly gauc: number;
  readonly usersWithoutFeatures: number;
  readonly samplesWithoutItem: number;
  readonly repeatedRows: number;
}

const evaluate = async (...words: string[]): Promise<Report> => {
  const call = ['evaluate', '--data', folder, '--weights', data.weights, '--json', ...words];
  const { code, stdout, stderr } = await kleio(...call);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

it.each(['cosine', 'category', 'learned-cosine', 'none'] as const)(
  'measures %s as the formulas do',
  async (unit) => {
    const oracle = new Muse(museWeightsOf(goldenFile('muse_b.weights')));
    const probabilities = data.samples.map(({ user, item }) => {
      return oracle.rank({ ...user, unit }, item).probability;
    });
    const labels = data.samples.map(({ clicked }) => clicked);
    const users = data.samples.map(({ user }) => user.user[0]!);
    const report = await evaluate('--lifelong', unit);
    expect(report).toMatchObject({
      samples: data.samples.length,
      clicked: labels.filter(Boolean).length,
      requests: new Set(users).size,
    });
    // Ranking is a part of all the time that passed.
    const { requests, elapsedSeconds, requestsPerSecond } = report;
    expect(requestsPerSecond).toBeGreaterThanOrEqual(requests / elapsedSeconds);
    expect(report.auc).toBeCloseTo(auc(probabilities, labels), 4);
    expect(report.gauc).toBeCloseTo(gauc(users, probabilities, labels), 4);
  },
);

/** Without what a clock says; the sum over users may be taken in another order. */
const measured = ({ samples, auc, gauc, usersWithoutFeatures, samplesWithoutItem }: Report) => ({
  ...{ samples, auc, usersWithoutFeatures, samplesWithoutItem },
  gauc: gauc.toFixed(12),
});

it('measures the same however many samples are joined at once', async () => {
  const parts = await evaluate('--part', '100');
  expect(parts.data.parts).toBe(6);
  expect(measured(parts)).toEqual(measured(await evaluate()));
});

it('measures the same where lists go on from page to page', async () => {
  const split = mkdtempSync(join(tmpdir(), 'kleio-split-'));
  onTestFinished(() => rmSync(split, { recursive: true }));
  cpSync(folder, split, { recursive: true });
  const users = join(split, 'test_user_features.parquet');
  splitRows(users, 50);
  // Some pages begin with a row, some within one, and a row fills more than a page.
  const { pages, withinRow } = pagesOf(users, '150_2_180');
  expect(withinRow).toBeGreaterThan(pages / 2);
  expect(withinRow).toBeLessThan(pages);
  expect(measured(await evaluate('--data', split))).toEqual(measured(await evaluate()));
});

it('measures more users and items than it first has room for', async () => {
  const shape = { users: 1500, items: 1700, samples: 3200, longestHistory: 3 };
  const place = join(folder, 'many');
  const many = writeTaobaoData(place, 5, { ...shape, rowGroupSize: 500, pageSize: 4096 });
  const users = new Set(many.samples.map(({ user }) => user));
  const items = new Set(many.samples.map(({ item }) => item));
  expect(Math.min(users.size, items.size)).toBeGreaterThan(1024);
  // Of a part of the samples nothing has to grow.
  const [whole, parts] = [
    await evaluate('--data', place),
    await evaluate('--data', place, '--part', '600'),
  ];
  expect(whole).toMatchObject({ samples: shape.samples, requests: users.size });
  expect(measured(whole)).toEqual(measured(parts));
});

it('measures users and items of which nothing is known', async () => {
  const shape = { users: 60, items: 30, samples: 150, longestHistory: 20 };
  const place = join(folder, 'unknown');
  const { samples } = writeTaobaoData(place, 6, { ...shape, rowGroupSize: 7, pageSize: 512 });
  const unknown = samples.filter(({ user }) => !user.hasFeatures).map(({ user }) => user);
  expect(unknown.length).toBeGreaterThan(0);
  const oracle = new Muse(museWeightsOf(goldenFile('muse_b.weights')));
  const probabilities = samples.map(({ user, item }) => oracle.rank(user, item).probability);
  const labels = samples.map(({ clicked }) => clicked);
  const report = await evaluate('--data', place);
  expect(report).toMatchObject({
    usersWithoutFeatures: new Set(unknown).size,
    samplesWithoutItem: samples.filter(({ item }) => !item.hasFeatures).length,
  });
  expect(report.auc).toBeCloseTo(auc(probabilities, labels), 4);
});

it.each(['GZIP', 'BROTLI', 'ZSTD', 'LZ4', 'LZ4_RAW'] as const)(
  'measures the same of pages in %s',
  async (codec) => {
    const place = join(folder, codec);
    writeTaobaoData(place, SEED, { ...SHAPE, codec });
    expect(measured(await evaluate('--data', place))).toEqual(measured(await evaluate()));
  },
);

it('names the codec that it does not read', async () => {
  const place = join(folder, 'unread');
  writeTaobaoData(place, SEED, { ...SHAPE, codec: 'LZO' });
  const words = ['evaluate', '--data', place, '--weights', data.weights];
  await expectRefusal(words, 'LZO is not read; write it with Zstandard');
});

it('takes the first features of a user or an item', async () => {
  const place = join(folder, 'twice');
  const { samples } = writeTaobaoData(place, SEED, SHAPE);
  const users = join(place, 'test_user_features');
  cpSync(`${users}.parquet`, `${users}_more.parquet`);
  const items = samples.filter(({ item }) => item.hasFeatures).map(({ item }) => item.item);
  const columnData = ['205', '206', '213', '214'].map((name, column) => ({
    ...{ name, type: 'INT64' as const },
    data: column === 0 ? items : items.map(() => 1n),
  }));
  parquetWriteFile({ filename: join(place, 'item_features_more.parquet'), columnData });
  const report = await evaluate('--data', place);
  expect(measured(report)).toEqual(measured(await evaluate()));
  const featured = samples.filter(({ user }) => user.hasFeatures).map(({ user }) => user);
  expect(report.repeatedRows).toBe(items.length + new Set(featured).size);
  const inParts = await evaluate('--data', place, '--part', '7');
  expect(inParts.data.parts).toBeGreaterThan(3);
  expect(inParts.repeatedRows).toBe(report.repeatedRows);
});

it('refuses labels that are no lists of numbers', async () => {
  const place = mkdtempSync(join(folder, 'label-'));
  writeTaobaoData(place, 1, { ...SHAPE, users: 2, samples: 3, longestHistory: 2 });
  const columnData = [
    { name: 'label_0', type: 'JSON' as const, data: [[0, 1]] },
    { name: '129_1', type: 'INT64' as const, data: [5n] },
    { name: '205', type: 'INT64' as const, data: [6n] },
  ];
  const filename = join(place, 'test_samples.parquet');
  parquetWriteFile({ filename, columnData });
  const words = ['evaluate', '--data', place, '--weights', data.weights];
  const text = 'column label_0 must be a column of lists of numbers; got BYTE_ARRAY';
  await expectRefusal(words, `${filename}: ${text}`);
});

it('shows people the measurements', async () => {
  const { stdout } = await kleio('evaluate', '--data', folder, '--weights', data.weights);
  const unknown = data.samples.filter(({ item }) => !item.hasFeatures).length;
  expect(unknown).toBeGreaterThan(0);
  expect(stdout).toContain(`unknown   0 users and the items of ${unknown} samples`);
  const clicked = data.samples.filter(({ clicked }) => clicked).length / data.samples.length;
  expect(stdout).toContain(`600 samples, ${(100 * clicked).toFixed(1)} % clicked`);
  for (const part of [/AUC +0\.\d{6}/, /GAUC +0\.\d{6}/, /requests\/s/, /p99/, /600 samples/]) {
    expect(stdout).toMatch(part);
  }
});

it('says nothing of unknown ones where there are none', async () => {
  const place = join(folder, 'known');
  const { samples } = writeTaobaoData(place, 2, { ...SHAPE, users: 2, items: 3, samples: 5 });
  expect(samples.every(({ user, item }) => user.hasFeatures && item.hasFeatures)).toBe(true);
  const { stdout } = await kleio('evaluate', '--data', place, '--weights', data.weights);
  expect(stdout).toContain('5 samples');
  expect(stdout).not.toContain('unknown');
});

const requestPath = join(folder, 'request.json');

/** As JSON with bare numbers of 64 bits, which JSON.stringify cannot write. */
function writeRequest(index: number): ReturnType<typeof goldenRequests>[number] {
  const request = goldenRequests('muse_a')[index]!;
  const { items, categories, user, candidate } = request;
  const { item, category, city, province } = candidate;
  const list = (ids: readonly bigint[]) => `[${ids.join(', ')}]`;
  const text = `{ "user": ${list(user)}, "history": { "items": ${list(items)},
    "categories": ${list(categories)} }, "candidates": { "items": [${item}, "${items.at(-1)}"],
    "categories": [${category}, ${categories.at(-1)}], "cities": [${city}, 0],
    "provinces": [${province}, 0] } }`;
  writeFileSync(requestPath, text);
  return request;
}

const rank = (...words: string[]) =>
  kleio('rank', '--weights', weightsPath('muse_a'), '--request', requestPath, ...words);

it.each([0, 2, 7])('ranks golden request %i and finds what mattered', async (index) => {
  const request = writeRequest(index);
  const { code, stdout, stderr } = await rank('--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { ranked, count } = JSON.parse(stdout);
  expect(count).toBe(2);
  expect(ranked[0].probability).toBeGreaterThanOrEqual(ranked[1].probability);
  const { item } = request.candidate;
  const first = ranked.find((one: { item: string }) => one.item === String(item));
  expect(Math.abs(first.probability - request.probability)).toBeLessThan(2e-6);

  // The change that an item makes is what the formulas say of the history with it and without it.
  const oracle = new Muse(museWeightsOf(goldenFile('muse_a.weights')));
  for (const { item: kept, change } of first.mattered) {
    const blanked = (ids: readonly bigint[]) =>
      ids.map((id, position) => (request.items[position] === BigInt(kept) ? 0n : id));
    const without = {
      ...request,
      items: blanked(request.items),
      categories: blanked(request.categories),
    };
    const expected = request.probability - oracle.rank(without, request.candidate).probability;
    expect(Math.abs(change - expected)).toBeLessThan(4e-6);
  }
  if (index !== 2) expect(first.mattered).toHaveLength(3);
});

it('ranks a user of the data as the formulas do', async () => {
  const user = data.users.find(({ hasFeatures, items }) => hasFeatures && items.length > 20)!;
  const of = ['--weights', data.weights, '--data', folder, '--user', String(user.user[0])];
  const asked = ['rank', ...of, '--candidates', '17', '--top', '15'];
  const { code, stdout } = await kleio(...asked);
  expect(code).toBe(0);
  expect(stdout).toContain(`the first 15 of 17 candidates for user ${user.user[0]}`);

  const all = await kleio(...asked.slice(0, -1), '17');
  expect(all.stdout).toContain(`: 17 candidates for user ${user.user[0]}`);

  const report = JSON.parse((await kleio(...asked, '--json')).stdout);
  const { isa, threads, node, version } = inspect();
  expect(report).toMatchObject({ version, ran: { isa, threads, node } });
  const { ranked, count, history } = report;
  expect([count, history.behaviours]).toEqual([17, user.items.length]);
  const oracle = new Muse(museWeightsOf(goldenFile('muse_b.weights')));
  const candidates = [...new Set(data.samples.map(({ item }) => item))].slice(0, 17);
  expect(new Set(candidates.map(({ hasFeatures }) => hasFeatures)).size).toBe(2);
  const expected = candidates
    .map((item) => ({ ...item, probability: oracle.rank(user, item).probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 15);
  for (const [place, { item, category, probability }] of expected.entries()) {
    expect(ranked[place]).toMatchObject({ item: String(item), category: String(category) });
    expect(Math.abs(ranked[place].probability - probability)).toBeLessThan(2e-6);
  }
});

it.each([
  [['rank', '--weights', 'x.safetensors'], '--request'],
  [['rank', '--weights', 'x.safetensors', '--data', folder, '--user', '12'], 'no user 12'],
  [['rank', '--weights', 'x.safetensors', '--user', '1.5'], '64-bit'],
  [['evaluate', '--weights', 'x', '--data', join(folder, 'none')], 'none: ENOENT: no such file'],
  [['evaluate', '--weights', 'x.safetensors', '--data', folder], 'x.safetensors'],
  [['evaluate', '--weights', 'x', '--data', folder, '--split', 'train'], 'train_samples*.parquet'],
  [['evaluate', '--weights', 'x', '--data', folder, '--lifelong', 'cosin'], 'category'],
])('refuses %j on standard error', expectRefusal);

it.each([
  ['{', 'JSON'],
  ['[]', 'the request must be an object'],
  ['{"candidates": {"items": [1]}, "user": [1]}', 'user must have 6 ids; got 1'],
  ['{"candidates": {"items": [1.5]}}', 'candidates.items[0] must be a 64-bit id; got 1.5'],
  ['{"candidates": {"items": [9223372036854775808]}}', 'candidates.items[0] must be a 64-bit id'],
  ['{"candidates": {"items": [1], "cities": [1, 2]}}', 'candidates.cities must have 1 ids; got 2'],
])('refuses the request %s', async (text, culprit) => {
  writeFileSync(requestPath, text);
  const { code, stderr } = await rank();
  expect(code).not.toBe(0);
  expect(stderr).toContain(culprit);
});
