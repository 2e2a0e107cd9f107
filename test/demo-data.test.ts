/** `kleio demo --data` searches the histories that lie in a folder, and says what a search of all of them keeps. */
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kleio } from './cases/command-line.js';
import { newFolder } from './cases/new-files.js';
import { Random } from './cases/random.js';
import { type TaobaoData, type TaobaoUser, writeTaobaoData } from './cases/taobao-data.js';
import { bytesOf, safetensorsOf } from './cases/tensor-files.js';
import { searchEmbeddings, vectorAt } from './oracle/search.js';

const DIM = 8;
const K = 6;
const SHORT = { users: 8, items: 40, samples: 60, longestHistory: 40 };
const LONG = { users: 6, items: 3, samples: 12, longestHistory: 150 };
const [BEHAVIOURS, TARGETS] = [1000, 9];

const folder = newFolder('demo');

interface Searched {
  readonly items: readonly bigint[];
  readonly categories: readonly bigint[];
}

/** A folder of data with the embedding of most items, and what is in it. */
class DemoFolder {
  readonly path: string;
  readonly data: TaobaoData;
  readonly #ids: readonly bigint[];
  readonly #values: Int8Array;

  constructor(seed: number, shape = SHORT) {
    this.path = mkdtempSync(join(folder, 'data-'));
    this.data = writeTaobaoData(this.path, seed, { ...shape, rowGroupSize: 4, pageSize: 512 });
    const { users, samples } = this.data;
    const items = [...users.flatMap((user) => user.items), ...samples.map(({ item }) => item.item)];
    // Of every seventh item nothing is known.
    this.#ids = [...new Set(items)].filter((_, index) => index % 7 !== 6);
    const random = new Random(seed);
    this.#values = Int8Array.from({ length: this.#ids.length * DIM }, () => random.integer(-9, 9));
    const embeddings = safetensorsOf({
      values: { dtype: 'I8', shape: [this.#ids.length, DIM], bytes: bytesOf(this.#values) },
      ids: {
        dtype: 'I64',
        shape: [this.#ids.length],
        bytes: bytesOf(BigInt64Array.from(this.#ids)),
      },
    });
    writeFileSync(join(this.path, 'embeddings.safetensors'), embeddings);
  }

  /** Those of the first rows that have a history. */
  users(rows: number): TaobaoUser[] {
    const featured = this.data.users.filter(({ hasFeatures }) => hasFeatures);
    return featured.slice(0, rows).filter(({ items }) => items.length > 0);
  }

  targets(most: number): bigint[] {
    return [...new Set(this.data.samples.map(({ item }) => item.item))].slice(0, most);
  }

  /** Said by the item features, otherwise by the users' histories, the last one that does. */
  categoryOf(item: bigint, users: readonly TaobaoUser[]): string | null {
    const sample = this.data.samples.find((one) => one.item.item === item && one.item.hasFeatures);
    if (sample !== undefined) return String(sample.item.category);
    const told = users.flatMap(({ items, categories }) =>
      categories.filter((_, position) => items[position] === item),
    );
    return told.length === 0 ? null : String(told.at(-1));
  }

  kept({ items }: Searched, targets: readonly bigint[]) {
    const matrix = { numbers: Float64Array.from(this.#values), dim: DIM };
    const rowOf = (item: bigint) => this.#ids.indexOf(item);
    const vectors = targets.map((item) =>
      rowOf(item) < 0 ? undefined : vectorAt(matrix, rowOf(item)),
    );
    const behaviours = items.map((item) => ({ row: rowOf(item) }));
    return searchEmbeddings(matrix, behaviours, vectors, { k: K });
  }

  /** The users' histories one after the other, again and again. */
  chained(users: readonly TaobaoUser[]): Searched {
    const repeated = <T>(values: readonly T[]) =>
      Array.from({ length: BEHAVIOURS }, (_, index) => values[index % values.length]!);
    return {
      items: repeated(users.flatMap((user) => user.items)),
      categories: repeated(users.flatMap((user) => user.categories)),
    };
  }

  demo(...words: string[]) {
    const asked = ['--k', `${K}`, '--targets', `${TARGETS}`, '--behaviours', `${BEHAVIOURS}`];
    return kleio('demo', '--data', this.path, ...asked, ...words);
  }
}

function keptItems({ items, categories }: Searched, positions: Int32Array, scores: Float32Array) {
  const found = new Map<bigint, { item: string; places: number }>();
  for (const [rank, position] of positions.entries()) {
    if (position < 0) continue;
    const item = items[position]!;
    const seen = found.get(item);
    found.set(item, {
      item: String(item),
      category: String(categories[position]),
      score: scores[rank],
      position,
      behavioursAgo: items.length - 1 - position,
      ...seen,
      places: (seen?.places ?? 0) + 1,
    } as { item: string; places: number });
  }
  return [...found.values()];
}

it.each([
  ['said by the features before the histories', 32, SHORT, 5, { said: true, told: true }],
  ['told by the histories alone', 41, LONG, 4, { said: false, told: true }],
  ['unknown, and a user without behaviours', 58, SHORT, 5, { said: false, told: false }],
])('searches as by the definition: a category %s', async (_, seed, shape, rows, known) => {
  const place = new DemoFolder(seed, shape);
  const users = place.users(rows);
  const [{ item }] = place.data.samples as [(typeof place.data.samples)[number]];
  const told = users.some(({ items }) => items.includes(item.item));
  expect({ said: item.hasFeatures, told }).toEqual(known);
  const targets = place.targets(TARGETS);
  const long = place.chained(users);
  const { code, stdout, stderr } = await place.demo('--users', `${rows}`, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const report = JSON.parse(stdout);

  expect(report).toMatchObject({
    table: { dim: DIM, dtype: 'int8' },
    history: { behaviours: BEHAVIOURS },
    targets: targets.length,
    ranking: null,
  });
  expect(report.users).toMatchObject(
    users.map((user) => ({
      user: String(user.user[0]),
      behaviours: user.items.length,
      bestScore: Math.max(...place.kept(user, targets).scores),
    })),
  );
  const { positions, scores } = place.kept(long, targets.slice(0, 1));
  expect(report.shown).toEqual({
    target: String(targets[0]),
    category: place.categoryOf(targets[0]!, users),
    behaviours: K,
    items: keptItems(long, positions, scores),
  });
});

it('takes the first row of a user', async () => {
  const once = new DemoFolder(9);
  const { stdout } = await once.demo('--users', '50', '--json');
  const users = join(once.path, 'test_user_features');
  copyFileSync(`${users}.parquet`, `${users}_more.parquet`);
  const again = await once.demo('--users', '50', '--json');
  const shown = (text: string) =>
    JSON.parse(text).users.map(({ user, behaviours }: Record<string, unknown>) => [
      user,
      behaviours,
    ]);
  expect(shown(again.stdout)).toEqual(shown(stdout));
});

it('shows people the first users, and how many more there are', async () => {
  const place = new DemoFolder(4, { ...SHORT, users: 30 });
  const users = place.users(26);
  const { code, stdout } = await place.demo('--users', '26');
  expect(code).toBe(0);
  const shown = users.filter(({ user: [id] }) => new RegExp(`^ +${id} `, 'm').test(stdout));
  expect(shown).toEqual(users.slice(0, 20));
  expect(stdout).toContain(`and ${users.length - 20} more users`);
  // Right-aligned columns under their header; and nothing is ranked where there is no model.
  const lines = stdout.split('\n');
  const header = lines.findIndex((line) => /^ +call +targets/.test(line));
  const ends = lines.slice(header, header + 3).map((line) => line.length);
  expect(new Set(ends).size).toBe(1);
  expect(lines.slice(header).filter((line) => /^\S/.test(line))).toEqual([]);
});

describe('the file of embeddings', () => {
  it('is the only one in the folder, or the one that is named', async () => {
    const place = new DemoFolder(5);
    const [usual, other] = ['embeddings.safetensors', 'other.safetensors'];
    renameSync(join(place.path, usual), join(place.path, other));
    expect(await place.demo('--users', '2')).toMatchObject({ code: 0 });
    copyFileSync(join(place.path, other), join(place.path, usual));
    const { code, stderr } = await place.demo('--users', '2');
    expect(code).not.toBe(0);
    expect(stderr).toContain(`there are ${usual}, ${other}`);
    const named = ['--embeddings', join(place.path, usual)];
    expect(await place.demo('--users', '2', ...named)).toMatchObject({ code: 0 });
  });

  it('is asked for where there is none', async () => {
    const place = new DemoFolder(5);
    rmSync(join(place.path, 'embeddings.safetensors'));
    const { code, stderr } = await place.demo();
    expect(code).not.toBe(0);
    expect(stderr).toContain('none is there');
  });
});

it.each(['user_features', 'samples'])('misses a file of %s', async (table) => {
  const place = new DemoFolder(5);
  rmSync(join(place.path, `test_${table}.parquet`));
  const { code, stderr } = await place.demo();
  expect(code).not.toBe(0);
  expect(stderr).toContain(`${place.path}: no file is named *_${table}*.parquet`);
});

it('says that no user has a history', async () => {
  const place = new DemoFolder(5, { ...SHORT, longestHistory: 0 });
  const { code, stderr } = await place.demo();
  expect(code).not.toBe(0);
  expect(stderr).toContain('no user has a history');
});
