/**
 * A user with a long history, candidates, and the released model grown to know all their items. Every
 * behaviour is an item of its own: no repeats to save anybody work.
 */

import { join } from 'node:path';
import { codesOf } from '../../lib/bench/harness/clustered-vectors.js';
import type { Numbers } from '../../lib/bench/harness/exact.js';
import { type Uniform, uniformStream } from '../../lib/bench/harness/uniform.js';
import type { Workload } from '../../lib/bench/harness/workload.js';
import type { Candidates, RankerWeights } from '../../lib/index.js';
import { releasedWeights, type Weights } from './released-weights.js';

const WEIGHTS = join(__dirname, '..', '..', 'test', 'golden', 'muse_a.weights.safetensors');
const USER_FEATURES = ['129_1', '130_1', '130_2', '130_3', '130_4', '130_5'];
const ITEM = '150_2_180';
const CATEGORY = '151_2_180';
const CITY = '213';
const PROVINCE = '214';
/** Raw ids start here: not at the rows' own numbers, which a lookup could confuse them with. */
const FIRST_ID = 1_000_000n;
const ID_STRIDE = 7n;

export class ReleasedUser {
  readonly length: number;
  readonly candidates: number;
  readonly dim: number;
  readonly k: number;
  readonly vectors: Float32Array;
  readonly codes: Int8Array;
  readonly items: BigInt64Array;
  readonly categories: BigInt64Array;
  readonly user: BigInt64Array;
  readonly #released: Weights = releasedWeights(WEIGHTS);
  readonly #cities: BigInt64Array;
  readonly #provinces: BigInt64Array;
  readonly #itemEmbeddings: Float32Array;

  constructor(workload: Workload, { length, candidates }: { length: number; candidates: number }) {
    const uniform = uniformStream(workload.seed + 1);
    const rows = length + candidates;
    this.length = length;
    this.candidates = candidates;
    this.dim = this.#released.tensors['scl_embedding_table.values']!.shape[1]!;
    this.k = Number(this.#released.metadata.keep_top);
    const drawn = workload.history({ length: rows, dim: this.dim, dtype: 'float32' });
    this.vectors = drawn.numbers as Float32Array;
    this.codes = codesOf(this.vectors);
    this.items = BigInt64Array.from({ length: rows }, (_, at) => FIRST_ID + ID_STRIDE * BigInt(at));
    this.#itemEmbeddings = this.#drawItemEmbeddings(uniform);
    this.categories = this.#known(CATEGORY, rows, uniform);
    this.#cities = this.#known(CITY, candidates, uniform);
    this.#provinces = this.#known(PROVINCE, candidates, uniform);
    this.user = BigInt64Array.from(USER_FEATURES, (name) => this.#known(name, 1, uniform)[0]!);
  }

  /** The model over these similarity values: the codes or the vectors. */
  weights(similarityValues: Numbers): RankerWeights {
    const { tensors, metadata } = this.#released;
    const rows = this.items.length;
    const shape = [rows + 1, this.#width(ITEM)];
    return {
      metadata,
      tensors: {
        ...tensors,
        [`feature_maps.${ITEM}`]: { shape: [rows], values: this.items },
        [`embedding_layers.${ITEM}.weight`]: { shape, values: this.#itemEmbeddings },
        'scl_embedding_table.keys': { shape: [rows], values: this.items },
        'scl_embedding_table.values': { shape: [rows, this.dim], values: similarityValues },
      },
    };
  }

  /** The first of the candidates, as a request takes them. */
  some(count: number): Candidates {
    const [start, end] = [this.length, this.length + count];
    return {
      items: this.items.subarray(start, end),
      categories: this.categories.subarray(start, end),
      cities: this.#cities.subarray(0, count),
      provinces: this.#provinces.subarray(0, count),
    };
  }

  /** e = [item ‖ category] of items [start, end), as a runtime without lookups must be given it. */
  embeddings(start: number, end: number): Float32Array {
    const width = this.#width(ITEM);
    const rows: Float32Array[] = [];
    for (let at = start; at < end; ++at) {
      rows.push(this.#itemEmbeddings.subarray((at + 1) * width, (at + 2) * width));
      rows.push(this.#embedding(CATEGORY, this.categories[at]!));
    }
    return concatenated(rows);
  }

  /** What the tower reads of each candidate beside e: city, province and the user. */
  others(count: number): Float32Array {
    const user = USER_FEATURES.map((feature, i) => this.#embedding(feature, this.user[i]!));
    const rows: Float32Array[] = [];
    for (let at = 0; at < count; ++at) {
      rows.push(this.#embedding(CITY, this.#cities[at]!));
      rows.push(this.#embedding(PROVINCE, this.#provinces[at]!), ...user);
    }
    return concatenated(rows);
  }

  #ids(feature: string): BigInt64Array {
    return this.#released.tensors[`feature_maps.${feature}`]!.values as BigInt64Array;
  }

  /** Ids that the model knows of a feature. */
  #known(feature: string, length: number, uniform: Uniform): BigInt64Array {
    const ids = this.#ids(feature);
    return BigInt64Array.from({ length }, () => ids[Math.floor(uniform() * ids.length)]!);
  }

  #width(feature: string): number {
    return this.#released.tensors[`embedding_layers.${feature}.weight`]!.shape[1]!;
  }

  #table(feature: string): Float32Array {
    return this.#released.tensors[`embedding_layers.${feature}.weight`]!.values as Float32Array;
  }

  #embedding(feature: string, id: bigint): Float32Array {
    const row = this.#ids(feature).indexOf(id) + 1;
    const width = this.#width(feature);
    return this.#table(feature).subarray(row * width, (row + 1) * width);
  }

  /** Rows of the released table, in random order with a little of their own. Row 0: unknown items. */
  #drawItemEmbeddings(uniform: Uniform): Float32Array {
    const width = this.#width(ITEM);
    const released = this.#table(ITEM);
    const rows = released.length / width;
    const embeddings = new Float32Array((this.items.length + 1) * width);
    for (let start = width; start < embeddings.length; start += width) {
      const row = 1 + Math.floor(uniform() * (rows - 1));
      for (let d = 0; d < width; ++d) {
        embeddings[start + d] = released[row * width + d]! * (0.9 + 0.2 * uniform());
      }
    }
    return embeddings;
  }
}

function concatenated(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
