/** Index trees: build, file, search, changes. */

import type { Done } from './done.js';
import type { NativeFile, WritablePath } from './native-file.js';
import type { NativeHistory } from './native-history.js';
import type { NativeTable, NativeValues } from './native-table.js';
import type { NativeTreeScorer } from './native-tree-scorer.js';

/** Where the tensors of a tree's file lie: offsets in bytes from its start. */
export interface NativeTreeFile {
  readonly file: NativeFile;
  readonly dtype: number;
  readonly dim: number;
  readonly items: number;
  readonly nodes: number;
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
  /** Microseconds: preparation, collaborative search, multimodal search, attention and MLP; of scorers that have them. */
  readonly times?: Float64Array;
  readonly levels: readonly NativeBeamLevel[];
}

/** As `TreeLevel` of `lib/trees/tree-report.ts`. */
export interface NativeTreeLevel {
  readonly level: number;
  readonly nodes: number;
  readonly leaves: number;
  readonly smallest: number;
  readonly largest: number;
  readonly similarity: number;
}

export interface NativeTreeQuality {
  readonly items: number;
  readonly meanDepth: number;
  readonly balance: number;
  readonly sampled: number;
  readonly moved: number;
  readonly inserted: number;
  readonly removed: number;
  readonly levels: readonly NativeTreeLevel[];
}

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
  /** `done` hears how many items came. One change at a time, by the handle that built or opened the tree. */
  insert(ids: BigInt64Array, values: NativeValues, done: Done<number>): number;
  remove(ids: BigInt64Array, done: Done<number>): number;
  save(path: WritablePath, done: Done<undefined>): number;
  quality(done: Done<NativeTreeQuality>): number;
  /** What `treeFromShared` on any thread of the process makes a handle of. */
  share(): string;
  close(): void;
}

export interface NativeTreeBinding {
  /**
   * `progress` is one element of a SharedArrayBuffer: items times the levels they have been divided on.
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
  /** A further handle, which reads only: it sees what the other one changes. */
  treeFromShared(token: string): NativeTree;
}
