/** A user with a long history and candidates, and a model of the released shape that knows the items. */

import type { Candidates, RankerWeights } from '../../index.js';
import { Random } from '../../synthetic/random.js';
import { cities, provinces, syntheticModel } from '../../synthetic/synthetic-model.js';
import type { Workload } from './workload.js';

export interface RankingWorkload {
  readonly weights: RankerWeights;
  /** Every behaviour is an item of its own: no repeats to save anybody work. */
  readonly behaviours: { readonly items: BigInt64Array; readonly categories: BigInt64Array };
  readonly features: BigInt64Array;
  readonly candidates: Candidates & { readonly items: BigInt64Array };
}

const DIM = 128;
const CATEGORIES = 500;
/** Raw ids start here: not at the rows' own numbers, which a lookup could confuse them with. */
const FIRST_ID = 1_000_000n;
const ID_STRIDE = 7n;

export function rankingWorkload(
  workload: Workload,
  { length, candidates }: { readonly length: number; readonly candidates: number },
): RankingWorkload {
  const random = new Random(workload.seed);
  const rows = length + candidates;
  const similarity = workload.history({ length: rows, dim: DIM, dtype: 'int8' });
  const ids = BigInt64Array.from({ length: rows }, (_, row) => FIRST_ID + ID_STRIDE * BigInt(row));
  const drawn = (count: number, values: number) =>
    BigInt64Array.from({ length: count }, () => BigInt(1 + random.below(values)));
  const categories = drawn(rows, CATEGORIES);
  return {
    weights: syntheticModel(random, {
      ids,
      similarity: similarity.values as Int8Array,
      categories: CATEGORIES,
    }),
    behaviours: { items: ids.subarray(0, length), categories: categories.subarray(0, length) },
    features: BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n),
    candidates: {
      items: ids.subarray(length),
      categories: categories.subarray(length),
      cities: drawn(candidates, cities),
      provinces: drawn(candidates, provinces),
    },
  };
}

export function firstCandidates(
  all: RankingWorkload['candidates'],
  count: number,
): RankingWorkload['candidates'] {
  return {
    items: all.items.subarray(0, count),
    categories: all.categories.subarray(0, count),
    cities: all.cities.subarray(0, count),
    provinces: all.provinces.subarray(0, count),
  };
}
