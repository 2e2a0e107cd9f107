/** The part of the binary's contract that concerns index trees: see `lib/binding/native.ts`. */

import type {
  NativeHistory,
  NativeLinear,
  NativeTable,
  NativeTensor,
  NativeValues,
} from './native.js';

/** How a node divides its items: `Split` of `native/tree/tree_state.h`. */
export const SPLIT_CODES = { balanced: 0, plain: 1 } as const;

/** Those of `native/tree/scorer_model.h`. */
export const SCORER_CODES = { miss: 0, 'two-tower': 1 } as const;
export const CO_GSU_CODES = { projected: 0, inner: 1, twin: 2 } as const;
export const LISTS_CODES = { both: 0, collaborative: 1, multimodal: 2, none: 3 } as const;

/** Where the tensors of a tree's file lie: offsets in bytes from its start. */
export interface NativeTreeFile {
  readonly path: string;
  readonly fileBytes: number;
  readonly dtype: number;
  readonly dim: number;
  readonly items: number;
  readonly places: number;
  readonly inner: number;
  readonly remembered: number;
  readonly ids: number;
  readonly embeddings: number;
  readonly nodeItem: number;
  readonly nodeScale: number;
  readonly nodeFeature: number;
  readonly nodeEmbeddings: number;
  readonly builtMeans: number;
  readonly split: number;
  readonly seed: number;
  readonly builtInner: number;
  readonly inserted: number;
  readonly removed: number;
}

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
  /** Empty: every tensor brings its values. */
  readonly path: string;
  readonly fileBytes: number;
  readonly kind: number;
  readonly coGsu: number;
  readonly unionList: boolean;
  readonly semantic: boolean;
  readonly keepTop: number;
  readonly shortSteps: number;
  readonly userWidth: number;
  readonly tierWidth: number;
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
  readonly keepTop: number;
  /** Inner nodes that have an embedding. */
  readonly innerNodes: number;
  /** 1: requests need a history. */
  readonly readsHistory: number;
  close(): void;
}

/** A search as the arguments of one call. */
export type NativeTreeSearch = readonly [
  history: NativeHistory | undefined,
  /** None: the inner product with the nodes' means. */
  scorer: NativeTreeScorer | undefined,
  user: Float32Array,
  /** One of LISTS_CODES. */
  lists: number,
  beam: number,
  n: number,
  /** −1: the first level with more than `beam` nodes. */
  startLevel: number,
  allow: BigInt64Array | undefined,
  block: BigInt64Array | undefined,
  /** Whether to return the levels. */
  beams: boolean,
  /** At most so many threads; 0: the whole pool. */
  threads: number,
];

export interface NativeBeamLevel {
  readonly level: number;
  readonly nodes: Int32Array;
  readonly logits: Float32Array;
}

export interface NativeRetrieved {
  readonly items: BigInt64Array;
  readonly logits: Float32Array;
  readonly scored: number;
  /** Microseconds: preparation, collaborative search, multimodal search, attention and MLP. */
  readonly times: Float64Array;
  readonly levels: readonly NativeBeamLevel[];
}

export interface NativeTreeQuality {
  readonly items: number;
  readonly meanDepth: number;
  readonly balance: number;
  readonly sampled: number;
  readonly moved: number;
  readonly inserted: number;
  readonly removed: number;
  readonly levels: readonly {
    readonly level: number;
    readonly nodes: number;
    readonly leaves: number;
    readonly smallest: number;
    readonly largest: number;
    readonly similarity: number;
  }[];
}

type Done<Value> = (error: Error | undefined, value: Value | undefined) => void;

/** The calls that take `done` run on the pool and return the job's number for `cancel`. */
export interface NativeTree {
  readonly items: number;
  readonly nodes: number;
  readonly depth: number;
  /** Inner nodes of the build. */
  readonly builtInner: number;
  readonly dim: number;
  readonly dtype: number;
  readonly byteLength: number;
  /** A handle on the items the tree was built from. */
  table(): NativeTable;
  /** Fills `nodes`: the ancestor of each item on a level, −1 for unknown ids. */
  nodesAt(ids: BigInt64Array, level: number, nodes: Int32Array): void;
  search(...search: [...NativeTreeSearch, done: Done<NativeRetrieved>]): number;
  /** `done` hears how many items came. One change at a time. */
  insert(ids: BigInt64Array, values: NativeValues, done: Done<number>): number;
  remove(ids: BigInt64Array, done: Done<number>): number;
  save(path: string, done: Done<undefined>): number;
  quality(done: Done<NativeTreeQuality>): number;
  close(): void;
}

export interface NativeTreeBinding {
  /**
   * `progress` is one place of a SharedArrayBuffer: items times the levels they have been divided on.
   */
  treeBuild(
    table: NativeTable,
    seed: number,
    split: number,
    threads: number,
    progress: BigInt64Array,
    done: Done<NativeTree>,
  ): number;
  treeOpen(file: NativeTreeFile, done: Done<NativeTree>): void;
  treeScorerOpen(weights: NativeScorerWeights, done: Done<NativeTreeScorer>): void;
}
