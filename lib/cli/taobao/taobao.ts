/** The public Taobao-MM data: users' histories and targets from parquet, embeddings from beside them. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { type Duplicates, EmbeddingTable, History } from '../../index.js';
import { codedError } from '../../support/errors.js';
import { CATEGORY, ITEM, USER } from '../../synthetic/fields.js';
import type { Progress } from '../../text/progress.js';
import { ParquetTable } from '../parquet/parquet-table.js';
import type { Recording, Scenario } from '../scenario.js';
import { behavioursOf, CATEGORY_COLUMNS, HISTORY_COLUMNS } from './taobao-columns.js';
import { type DataPaths, dataPaths, folderAt } from './taobao-paths.js';

export interface TaobaoOptions {
  readonly data: string;
  readonly embeddings?: string;
  readonly duplicates?: Duplicates;
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
  const folder = folderAt(data);
  const paths = dataPaths(folder);
  const embeddings = options.embeddings ?? join(folder, onlyEmbeddings(folder));
  const table = await EmbeddingTable.open(embeddings, { duplicates: options.duplicates });
  const users = await readUsers(paths, options, progress);
  const targets = await readTargets(paths, options, progress);
  const categoryOfItem = await readCategories(paths, users);
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

function onlyEmbeddings(data: string): string {
  const files = readdirSync(data).sort();
  const found = files.filter((file) => /\.(?:safetensors|npy)$/i.test(file));
  if (found.length === 1) return found[0]!;
  const there = found.length === 0 ? 'none is there' : `there are ${found.join(', ')}`;
  const question = `${data}: which file holds the embeddings? Give --embeddings; ${there}`;
  throw codedError('ERR_KLEIO_ARGUMENT', question);
}

async function readUsers(
  paths: DataPaths,
  { users: most }: TaobaoOptions,
  progress: Progress,
): Promise<User[]> {
  const users: User[] = [];
  const seen = new Set<bigint>();
  using table = await ParquetTable.open(paths.users, HISTORY_COLUMNS);
  let left = most;
  for await (const row of table.read(progress)) {
    const user = row.id(USER);
    if (seen.has(user)) continue; // of one with several rows the first counts
    seen.add(user);
    const behaviours = behavioursOf(row);
    if (behaviours.items.length > 0) users.push({ name: String(user), ...behaviours });
    if (--left === 0) break;
  }
  if (users.length > 0) return users;
  throw codedError('ERR_KLEIO_FORMAT', `${table.name}: no user has a history`);
}

/** The distinct items of the samples, in the order of the samples. */
async function readTargets(
  paths: DataPaths,
  { targets: most }: TaobaoOptions,
  progress: Progress,
): Promise<BigInt64Array> {
  const targets = new Set<bigint>();
  using table = await ParquetTable.open(paths.samples, { [ITEM]: 'id' });
  for await (const row of table.read(progress)) {
    targets.add(row.id(ITEM));
    if (targets.size >= most) break;
  }
  if (targets.size > 0) return BigInt64Array.from(targets);
  throw codedError('ERR_KLEIO_FORMAT', `${table.name}: no samples`);
}

/**
 * Categories by item: those of the item features, whose first row of an item counts, otherwise those that the
 * histories tell.
 */
async function readCategories(
  paths: DataPaths,
  users: readonly User[],
): Promise<ReadonlyMap<bigint, bigint>> {
  const categories = new Map<bigint, bigint>();
  using features = await ParquetTable.open(paths.items, CATEGORY_COLUMNS);
  for await (const row of features.read()) {
    const item = row.id(ITEM);
    if (!categories.has(item)) categories.set(item, row.idOrUnknown(CATEGORY));
  }
  const told = new Map<bigint, bigint>();
  for (const { items, categories: ofItems } of users) {
    items.forEach((item, position) => {
      if (!categories.has(item)) told.set(item, ofItems[position]!);
    });
  }
  for (const [item, category] of told) categories.set(item, category);
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
