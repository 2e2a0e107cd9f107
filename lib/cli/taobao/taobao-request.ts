/** A user of Taobao-MM data, and items of its samples as candidates. */

import {
  behavioursOf,
  HISTORY_CATEGORIES,
  HISTORY_ITEMS,
  ITEM,
  idOf,
  USER,
  USER_ATTRIBUTES,
} from '../../synthetic/fields.js';
import type { RankedUser } from '../ranked-user.js';
import { IdNumbers } from './id-numbers.js';
import { readAttributes } from './item-attributes.js';
import { fieldRows } from './parquet.js';
import { dataPaths } from './taobao-paths.js';

export interface TaobaoRequestOptions {
  readonly data: string;
  readonly split: string;
  readonly user: bigint;
  /** Most candidates. */
  readonly candidates: number;
}

export async function taobaoRequest(options: TaobaoRequestOptions): Promise<RankedUser> {
  const paths = dataPaths(options.data, options.split);
  const user = await findUser(paths.users, options.user);
  return { ...user, candidates: await readCandidates(paths.samples, paths.items, options) };
}

async function findUser(
  paths: readonly string[],
  wanted: bigint,
): Promise<Pick<RankedUser, 'user' | 'behaviours'>> {
  const fields = [USER, ...USER_ATTRIBUTES, HISTORY_ITEMS, HISTORY_CATEGORIES];
  for await (const row of fieldRows(paths, fields, Number.POSITIVE_INFINITY)) {
    if (idOf(row[USER]) !== wanted) continue;
    const user = BigInt64Array.from([USER, ...USER_ATTRIBUTES], (name) => idOf(row[name]));
    return { user, behaviours: behavioursOf(row) };
  }
  throw new Error(`${paths.join(', ')}: no user ${wanted}`);
}

/** The first different items of the samples; those without features have unknown attributes. */
async function readCandidates(
  samplePaths: readonly string[],
  itemPaths: readonly string[],
  { candidates: most }: TaobaoRequestOptions,
): Promise<RankedUser['candidates']> {
  const numbers = new IdNumbers();
  for await (const row of fieldRows(samplePaths, [ITEM], Number.POSITIVE_INFINITY)) {
    numbers.add(idOf(row[ITEM]));
    if (numbers.count === most) break;
  }
  const items = BigInt64Array.from({ length: numbers.count }, (_, number) => numbers.id(number));
  const { categories, cities, provinces } = await readAttributes(itemPaths, numbers);
  return { items, categories, cities, provinces };
}
