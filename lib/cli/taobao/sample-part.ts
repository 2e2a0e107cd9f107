/** Samples that are ranked together: those of some users, with what the item features say of their items. */

import { ITEM, USER } from '../../synthetic/fields.js';
import type { ParquetTable } from '../parquet/parquet-table.js';
import { IdNumbers, partOf } from './id-numbers.js';
import { type ItemAttributes, readAttributes } from './item-attributes.js';
import type { RowSet } from './row-set.js';
import { labelOf } from './taobao-columns.js';

/** The samples of one user. */
export interface UserSamples {
  readonly items: BigInt64Array;
  readonly categories: BigInt64Array;
  readonly cities: BigInt64Array;
  readonly provinces: BigInt64Array;
  /** 1: clicked. */
  readonly labels: Uint8Array;
}

export interface SamplePart {
  readonly users: IdNumbers;
  /** Samples of items that the item features do not hold. */
  readonly withoutItem: number;
  samplesOf(user: number): UserSamples;
}

interface Columns {
  readonly users: IdNumbers;
  readonly items: IdNumbers;
  /** One for each sample. */
  readonly userNumbers: Int32Array;
  readonly itemNumbers: Int32Array;
  readonly labels: Uint8Array;
}

export interface PartTables {
  readonly samples: ParquetTable;
  readonly items: ParquetTable;
  /** Rows of `items` that do not count, of all parts that were read. */
  readonly repeatedItems: RowSet;
}

/** The samples of the users that fall into this part of `parts`. */
export async function readPart(
  tables: PartTables,
  part: number,
  parts: number,
): Promise<SamplePart> {
  const columns = await readSamples(tables.samples, part, parts);
  const attributes = await readAttributes(tables.items, columns.items, tables.repeatedItems);
  const { starts, order } = groupedByUser(columns);
  return {
    users: columns.users,
    withoutItem: columns.itemNumbers.reduce((sum, item) => sum + 1 - attributes.known[item]!, 0),
    samplesOf: (user) =>
      gathered(columns, attributes, order.subarray(starts[user], starts[user + 1])),
  };
}

async function readSamples(samples: ParquetTable, part: number, parts: number): Promise<Columns> {
  const users = new IdNumbers();
  const items = new IdNumbers();
  let userNumbers = new Int32Array(1024);
  let itemNumbers = new Int32Array(1024);
  let labels = new Uint8Array(1024);
  let count = 0;
  for await (const row of samples.read()) {
    const user = row.id(USER);
    if (partOf(user, parts) !== part) continue;
    if (count === labels.length) {
      userNumbers = grown(userNumbers, new Int32Array(2 * count));
      itemNumbers = grown(itemNumbers, new Int32Array(2 * count));
      labels = grown(labels, new Uint8Array(2 * count));
    }
    userNumbers[count] = users.add(user);
    itemNumbers[count] = items.add(row.id(ITEM));
    labels[count] = labelOf(row);
    count += 1;
  }
  return {
    users,
    items,
    userNumbers: userNumbers.subarray(0, count),
    itemNumbers: itemNumbers.subarray(0, count),
    labels: labels.subarray(0, count),
  };
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Samples ordered by user, each user's in the order of the file: a counting sort. */
function groupedByUser({ users, userNumbers }: Columns): { starts: Int32Array; order: Int32Array } {
  const starts = new Int32Array(users.count + 1);
  for (const user of userNumbers) starts[user + 1]! += 1;
  for (let user = 0; user < users.count; ++user) starts[user + 1]! += starts[user]!;
  const next = starts.slice();
  const order = new Int32Array(userNumbers.length);
  for (const [sample, user] of userNumbers.entries()) {
    const at = next[user]!;
    order[at] = sample;
    next[user] = at + 1;
  }
  return { starts, order };
}

function gathered(columns: Columns, attributes: ItemAttributes, samples: Int32Array): UserSamples {
  const { items, itemNumbers, labels } = columns;
  const idsOf = (id: (item: number) => bigint) =>
    BigInt64Array.from(samples, (sample) => id(itemNumbers[sample]!));
  return {
    items: idsOf((item) => items.id(item)),
    categories: idsOf((item) => attributes.categories[item]!),
    cities: idsOf((item) => attributes.cities[item]!),
    provinces: idsOf((item) => attributes.provinces[item]!),
    labels: Uint8Array.from(samples, (sample) => labels[sample]!),
  };
}
