/** A user of Taobao-MM data, and items of its samples as candidates. */

import { codedError } from '../../support/errors.js';
import { ITEM, USER } from '../../synthetic/fields.js';
import { ParquetTable } from '../parquet/parquet-table.js';
import type { RankedUser } from '../ranked-user.js';
import { IdNumbers } from './id-numbers.js';
import { readAttributes } from './item-attributes.js';
import { behavioursOf, ITEM_COLUMNS, USER_COLUMNS, userOf } from './taobao-columns.js';
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
  using users = await ParquetTable.open(paths.users, USER_COLUMNS);
  using samples = await ParquetTable.open(paths.samples, { [ITEM]: 'id' });
  using features = await ParquetTable.open(paths.items, ITEM_COLUMNS);
  const user = await findUser(users, options.user);
  return { ...user, candidates: await readCandidates(samples, features, options) };
}

/** Of a user with several rows the first one counts. */
async function findUser(
  users: ParquetTable,
  wanted: bigint,
): Promise<Pick<RankedUser, 'user' | 'behaviours'>> {
  for await (const row of users.read()) {
    if (row.id(USER) === wanted) return { user: userOf(row), behaviours: behavioursOf(row) };
  }
  throw codedError('ERR_KLEIO_RANGE', `${users.name}: no user ${wanted}`);
}

/** The first different items of the samples; those without features have unknown attributes. */
async function readCandidates(
  samples: ParquetTable,
  features: ParquetTable,
  { candidates: most }: TaobaoRequestOptions,
): Promise<RankedUser['candidates']> {
  const numbers = new IdNumbers();
  for await (const row of samples.read()) {
    numbers.add(row.id(ITEM));
    if (numbers.count === most) break;
  }
  const items = BigInt64Array.from({ length: numbers.count }, (_, number) => numbers.id(number));
  const { categories, cities, provinces } = await readAttributes(features, numbers);
  return { items, categories, cities, provinces };
}
