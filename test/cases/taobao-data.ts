/** Folders of Taobao-MM data in the layout of the public one, made at random from a model's own ids. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteFile } from 'hyparquet-writer';
import type { Candidate, MuseRequest } from '../oracle/muse.js';
import { Reader } from '../oracle/muse-weights.js';
import { goldenFile, weightsPath } from './muse-golden.js';
import { Random } from './random.js';
import { hadoopLz4, storedLz4, storedZstd } from './stored-pages.js';

export interface TaobaoShape {
  readonly users: number;
  readonly items: number;
  readonly samples: number;
  readonly longestHistory: number;
  readonly rowGroupSize: number;
  readonly pageSize: number;
  /** Of the pages; Snappy if nothing is said. */
  readonly codec?: keyof typeof compressors;
}

const compressors = {
  GZIP: (bytes: Uint8Array) => zlib.gzipSync(bytes),
  BROTLI: (bytes: Uint8Array) => zlib.brotliCompressSync(bytes),
  ZSTD: storedZstd,
  LZ4: hadoopLz4,
  LZ4_RAW: storedLz4,
  LZO: (bytes: Uint8Array) => bytes,
};

export interface TaobaoUser extends MuseRequest {
  readonly hasFeatures: boolean;
}

export interface TaobaoItem extends Candidate {
  readonly hasFeatures: boolean;
}

export interface TaobaoSample {
  readonly user: TaobaoUser;
  readonly item: TaobaoItem;
  readonly clicked: boolean;
}

export interface TaobaoData {
  readonly weights: string;
  readonly samples: readonly TaobaoSample[];
  readonly users: readonly TaobaoUser[];
}

const MODEL = 'muse_b';
const USER_FEATURES = ['130_1', '130_2', '130_3', '130_4', '130_5'];

/** Some users and items have no features; the samples stand in no order. */
export function writeTaobaoData(folder: string, seed: number, shape: TaobaoShape): TaobaoData {
  const random = new Random(seed);
  const ids = new Ids(random);
  const users = Array.from({ length: shape.users }, () => randomUser(random, ids, shape));
  const items = differing(Array.from({ length: shape.items }, () => randomItem(random, ids)));
  const samples = Array.from({ length: shape.samples }, () => ({
    user: random.pick(users),
    item: random.pick(items),
    clicked: random.chance(0.3),
  }));
  mkdirSync(folder, { recursive: true });
  const write = (name: string, columnData: ColumnSource[]) => {
    const { rowGroupSize, pageSize, codec } = shape;
    const compression = codec === undefined ? {} : { codec, compressors };
    const filename = join(folder, `${name}.parquet`);
    const schema = columnData.flatMap(fieldSchema);
    const root = { name: 'schema', num_children: columnData.length };
    parquetWriteFile({
      ...{ filename, columnData, schema: [root, ...schema] },
      ...{ rowGroupSize, pageSize, ...compression },
    });
  };
  write('test_samples', sampleColumns(samples));
  write('item_features', itemColumns(items.filter(({ hasFeatures }) => hasFeatures)));
  write('test_user_features', userColumns(users.filter(({ hasFeatures }) => hasFeatures)));
  return { weights: weightsPath(MODEL), samples, users };
}

/** An item drawn twice has its first attributes. */
function differing(items: readonly TaobaoItem[]): TaobaoItem[] {
  const byId = new Map([...items].reverse().map((item) => [item.item, item]));
  return [...byId.values()];
}

/** Ids that the model knows, and now and then one that it does not. */
class Ids {
  readonly #reader = new Reader(goldenFile(`${MODEL}.weights`).tensors);
  readonly #known = new Map<string, readonly bigint[]>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  of(feature: string): bigint {
    let known = this.#known.get(feature);
    if (known === undefined) {
      known = this.#reader.ids(`feature_maps.${feature}`);
      this.#known.set(feature, known);
    }
    return this.#random.chance(0.05) ? this.fresh() : this.#random.pick(known);
  }

  fresh(): bigint {
    const word = () => BigInt(this.#random.integer(0, 2 ** 32 - 1));
    return BigInt.asIntN(64, (word() << 32n) | word());
  }
}

function randomUser(random: Random, ids: Ids, { longestHistory }: TaobaoShape): TaobaoUser {
  const id = ids.fresh();
  if (random.chance(0.1)) {
    return { items: [], categories: [], user: [id, 0n, 0n, 0n, 0n, 0n], hasFeatures: false };
  }
  const length = random.integer(0, longestHistory);
  return {
    items: Array.from({ length }, () => ids.of('150_2_180')),
    categories: Array.from({ length }, () => ids.of('151_2_180')),
    user: [id, ...USER_FEATURES.map((feature) => ids.of(feature))],
    hasFeatures: true,
  };
}

function randomItem(random: Random, ids: Ids): TaobaoItem {
  const item = ids.of('150_2_180');
  if (random.chance(0.1)) {
    return { item, category: 0n, city: 0n, province: 0n, hasFeatures: false };
  }
  const [category, city, province] = [ids.of('151_2_180'), ids.of('213'), ids.of('214')];
  return { item, category, city, province, hasFeatures: true };
}

const idColumn = (name: string, data: bigint[] | bigint[][]): ColumnSource => ({ name, data });

/** The public data's own: optional lists of optional integers. */
function fieldSchema({ name, data }: ColumnSource): SchemaElement[] {
  if (!Array.isArray(data[0])) return [{ name, type: 'INT64', repetition_type: 'OPTIONAL' }];
  const isLabel = name === 'label_0';
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    {
      name: 'element',
      repetition_type: 'OPTIONAL',
      type: isLabel ? 'INT32' : 'INT64',
      ...(isLabel && { converted_type: 'INT_8' }),
    },
  ];
}

function sampleColumns(samples: readonly TaobaoSample[]): ColumnSource[] {
  return [
    { name: 'label_0', data: samples.map(({ clicked }) => (clicked ? [0, 1] : [1, 0])) },
    idColumn(
      '129_1',
      samples.map(({ user }) => user.user[0]!),
    ),
    idColumn(
      '205',
      samples.map(({ item }) => item.item),
    ),
  ];
}

function itemColumns(items: readonly TaobaoItem[]): ColumnSource[] {
  return [
    idColumn(
      '205',
      items.map(({ item }) => item),
    ),
    idColumn(
      '206',
      items.map(({ category }) => category),
    ),
    idColumn(
      '213',
      items.map(({ city }) => city),
    ),
    idColumn(
      '214',
      items.map(({ province }) => province),
    ),
  ];
}

function userColumns(users: readonly TaobaoUser[]): ColumnSource[] {
  const longest = Math.max(...users.map(({ items }) => items.length));
  const padded = (ids: readonly bigint[]) => [
    ...new Array<bigint>(longest - ids.length).fill(0n),
    ...ids,
  ];
  return [
    ...['129_1', ...USER_FEATURES].map((name, index) =>
      idColumn(
        name,
        users.map(({ user }) => user[index]!),
      ),
    ),
    idColumn(
      '150_2_180',
      users.map(({ items }) => padded(items)),
    ),
    idColumn(
      '151_2_180',
      users.map(({ categories }) => padded(categories)),
    ),
  ];
}
