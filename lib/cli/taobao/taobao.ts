/** The public Taobao-MM data: users' histories and targets from parquet, embeddings from beside them. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { EmbeddingTable, History } from '../../index.js';
import {
  behavioursOf,
  CATEGORY,
  HISTORY_CATEGORIES,
  HISTORY_ITEMS,
  ITEM,
  idOf,
  USER,
} from '../../synthetic/fields.js';
import type { Progress } from '../../text/progress.js';
import type { Recording, Scenario } from '../scenario.js';
import { fieldRows } from './parquet.js';

export interface TaobaoOptions {
  readonly data: string;
  readonly embeddings?: string;
  readonly users: number;
  readonly behaviours: number;
  readonly targets: number;
}

interface User {
  readonly name: string;
  readonly items: BigInt64Array;
  readonly categories: BigInt64Array;
}

export async function taobaoScenario(
  options: TaobaoOptions,
  progress: Progress,
): Promise<Scenario> {
  const { data } = options;
  const files = readdirSync(data).sort();
  const embeddings = options.embeddings ?? join(data, onlyEmbeddings(data, files));
  const table = await EmbeddingTable.open(embeddings);
  const users = await readUsers(pathsOf(data, files, '_user_features.parquet'), options, progress);
  const targets = await readTargets(pathsOf(data, files, '_samples.parquet'), options, progress);
  const categoryOfItem = await readCategories(join(data, 'item_features.parquet'), users);
  return {
    source: `${data}, ${users.length} users; the long history chains theirs`,
    table,
    long: record(table, chained(users, options.behaviours)),
    users: users.map((user) => record(table, user)),
    targets,
    categoryOf: (item) => categoryOfItem.get(item) ?? null,
    ranking: null,
  };
}

function onlyEmbeddings(data: string, files: readonly string[]): string {
  const found = files.filter((file) => /\.(safetensors|npy)$/.test(file));
  if (found.length === 1) return found[0]!;
  const there = found.length === 0 ? 'none is there' : `there are ${found.join(', ')}`;
  throw new Error(`${data}: which file holds the embeddings? Give --embeddings; ${there}`);
}

function pathsOf(data: string, files: readonly string[], suffix: string): string[] {
  const found = files.filter((file) => file.endsWith(suffix));
  if (found.length > 0) return found.map((file) => join(data, file));
  throw new Error(`${data}: no file ends in ${suffix}`);
}

async function readUsers(
  paths: readonly string[],
  { users: most }: TaobaoOptions,
  progress: Progress,
): Promise<User[]> {
  const users: User[] = [];
  const fields = [USER, HISTORY_ITEMS, HISTORY_CATEGORIES];
  for await (const row of fieldRows(paths, fields, most, progress)) {
    const behaviours = behavioursOf(row);
    if (behaviours.items.length > 0) users.push({ name: String(row[USER]), ...behaviours });
  }
  if (users.length === 0) throw new Error(`${paths.join(', ')}: no user has a history`);
  return users;
}

/** The distinct items of the samples, in the order of the samples. */
async function readTargets(
  paths: readonly string[],
  { targets: most }: TaobaoOptions,
  progress: Progress,
): Promise<BigInt64Array> {
  const targets = new Set<bigint>();
  for await (const row of fieldRows(paths, [ITEM], Number.POSITIVE_INFINITY, progress)) {
    targets.add(idOf(row[ITEM]));
    if (targets.size >= most) break;
  }
  if (targets.size === 0) throw new Error(`${paths.join(', ')}: no samples`);
  return BigInt64Array.from(targets);
}

/** Categories by item: those of the item features, and those that the histories tell. */
async function readCategories(
  path: string,
  users: readonly User[],
): Promise<ReadonlyMap<bigint, bigint>> {
  const categories = new Map<bigint, bigint>();
  for (const { items, categories: told } of users) {
    items.forEach((item, position) => {
      categories.set(item, told[position]!);
    });
  }
  for await (const row of fieldRows([path], [ITEM, CATEGORY], Number.POSITIVE_INFINITY)) {
    categories.set(idOf(row[ITEM]), idOf(row[CATEGORY]));
  }
  return categories;
}

/** The users' histories one after the other, again and again, until there are `length` behaviours. */
function chained(users: readonly User[], length: number): User {
  const items = new BigInt64Array(length);
  const categories = new BigInt64Array(length);
  let filled = 0;
  for (let turn = 0; filled < length; ++turn) {
    const user = users[turn % users.length]!;
    const room = Math.min(user.items.length, length - filled);
    items.set(user.items.subarray(0, room), filled);
    categories.set(user.categories.subarray(0, room), filled);
    filled += room;
  }
  return { name: 'chained', items, categories };
}

function record(table: EmbeddingTable, { name, items, categories }: User): Recording {
  const history = new History(table);
  history.append(items, { categories });
  return { name, history, items, categories };
}
