/** The MUSE ranker: its weights, and rankings by it. */

import type { Done, Finished } from './done.js';
import type { NativeFields, NativeHistory, NativeHistoryBuild } from './native-history.js';
import type { NativeTable } from './native-table.js';
import type { NativeLinear, NativeTensor } from './native-weights.js';

export interface NativeFeature {
  readonly ids: NativeTensor;
  readonly embeddings: NativeTensor;
}

/**
 * A ranker's tensors. Element types are checked by `lib`: ids int64, similarity values of `dtype`,
 * everything else float32. Shapes and values are checked by native code, against each other.
 */
export interface NativeWeights {
  readonly keepTop: number;
  readonly shortSteps: number;
  readonly tierWidth: number;
  readonly attentionScale: number;
  readonly item: NativeFeature;
  readonly category: NativeFeature;
  readonly city: NativeFeature;
  readonly province: NativeFeature;
  readonly user: readonly NativeFeature[];
  readonly shortQuery: NativeLinear;
  readonly shortKey: NativeLinear;
  readonly heads: readonly {
    readonly query: NativeLinear;
    readonly key: NativeLinear;
    readonly value: NativeLinear;
  }[];
  readonly temperatures: NativeTensor;
  readonly gains: NativeTensor;
  readonly shortTierWeights: NativeTensor;
  readonly lifelongTierWeights: NativeTensor;
  readonly tower: readonly { readonly linear: NativeLinear; readonly diceGamma: NativeTensor }[];
  readonly similarity: {
    readonly ids: NativeTensor;
    readonly values: NativeTensor;
    readonly dtype: number;
    /** One of DUPLICATES_CODES. */
    readonly duplicates: number;
  };
}

/** A ranking as the arguments of one call; ids are copied. */
export type NativeRanking = readonly [
  /** Made by the same ranker. */
  history: NativeHistory,
  /** One id for each user feature. */
  user: BigInt64Array,
  /** One id for each candidate, as the next three. */
  items: BigInt64Array,
  categories: BigInt64Array,
  cities: BigInt64Array,
  provinces: BigInt64Array,
  k: number,
  /** One of LIFELONG_CODES. */
  lifelong: number,
  /** One of EMPTY_PLACES_CODES. */
  emptyPlaces: number,
  /** At most so many threads; 0: the whole pool. */
  threads: number,
  /** As of NativeSearch, as the next two: what does not count, for anything. */
  since: number,
  until: number,
  exclude: Int32Array | BigInt64Array | undefined,
];

/** What a ranking fills. */
export type NativeRankingResults = readonly [
  /** [count] */
  probabilities: Float32Array,
  /** [count, k] */
  positions: Int32Array,
  /** [count, k] */
  scores: Float32Array,
  /** [count, interestWidth] */
  interests: Float32Array | undefined,
  /** [count, towerWidth], in the release's order: for tests against it. */
  towerInputs: Float32Array | undefined,
  /** Of what is kept. */
  fields: NativeFields | undefined,
];

export interface NativeRanker {
  /** K of the model. */
  readonly keepTop: number;
  readonly userFeatures: number;
  readonly interestWidth: number;
  readonly towerWidth: number;
  /** Of the similarity table, as the next one. */
  readonly dim: number;
  /** One of DTYPE_CODES. */
  readonly dtype: number;
  /** CPU_DEVICE, or the index of an accelerator. */
  readonly device: number;
  /** As given to `rankerOpen`. */
  readonly defaults: string;
  /** A handle on the similarity table. */
  table(): NativeTable;
  createHistory(capacity: number): NativeHistory;
  /** As the binding's. */
  buildHistory(...build: [...NativeHistoryBuild, done: Done<NativeHistory>]): number;
  rankSync(...ranking: [...NativeRanking, ...NativeRankingResults]): void;
  /** As `NativeHistory.search`: on the pool, into arrays that nobody else sees until `done`. */
  rank(...ranking: [...NativeRanking, ...NativeRankingResults, done: Finished]): number;
  /** All of them as one job. */
  rankMany(
    rankings: readonly (readonly [...NativeRanking, ...NativeRankingResults])[],
    done: Finished,
  ): number;
  /** What `rankerFromShared` on any thread of the process makes a handle of. */
  share(): string;
  /** Drops this handle; histories and rankings in flight keep what they need. */
  close(): void;
}

export interface NativeRankerBinding {
  /** On the pool: checking and packing a big model takes a while. */
  rankerOpen(
    weights: NativeWeights,
    device: number,
    /** What `lib` wants to find again at every handle of the ranker. */
    defaults: string,
    done: Done<NativeRanker>,
  ): void;
  /** A further handle of the same model; calls of all of them are gathered together. */
  rankerFromShared(token: string): NativeRanker;
}
