/** What scores the nodes of an index tree. */

import type { Done } from './done.js';
import type { NativeLinear, NativeTensor } from './native-weights.js';

export interface NativeScorerList {
  readonly heads: readonly {
    readonly query: NativeTensor;
    readonly key: NativeTensor;
    readonly value: NativeTensor;
  }[];
  readonly output: NativeTensor;
}

/** A node scorer's tensors: ids int64, everything else float32. */
export interface NativeScorerWeights {
  readonly kind: number;
  readonly coGsu: number;
  readonly unionList: boolean;
  readonly semantic: boolean;
  readonly keepTop: number;
  readonly shortSteps: number;
  readonly userWidth: number;
  readonly tierWidth: number;
  /** One of DUPLICATES_CODES: what an item's id on several rows means. */
  readonly duplicates: number;
  readonly itemIds: NativeTensor;
  readonly itemEmbeddings: NativeTensor;
  readonly nodeEmbeddings: NativeTensor;
  /** These where the settings above call for them. */
  readonly coQuery: NativeTensor | undefined;
  readonly coKey: NativeTensor | undefined;
  readonly lists: readonly NativeScorerList[];
  readonly temperatures: NativeTensor | undefined;
  readonly gains: NativeTensor | undefined;
  readonly tierWeights: NativeTensor | undefined;
  readonly mlp: readonly NativeLinear[];
}

export interface NativeTreeScorer {
  /** Places of a request's user vector. */
  readonly userWidth: number;
  /** 0: it keeps none. */
  readonly keepTop: number;
  /** Inner nodes that have an embedding. */
  readonly innerNodes: number;
  /** 1: requests need a history. */
  readonly readsHistory: number;
  /** What `treeScorerFromShared` on any thread of the process makes a handle of. */
  share(): string;
  close(): void;
}

export interface NativeTreeScorerBinding {
  treeScorerOpen(weights: NativeScorerWeights, done: Done<NativeTreeScorer>): void;
  /** A further handle of the same weights. */
  treeScorerFromShared(token: string): NativeTreeScorer;
}
