/**
 * The binary's contract: everything `lib` knows of the native code. The numbers are those of
 * `native/core/dtype.h` and `native/core/search.h`.
 */

export const DTYPE_CODES = { int8: 0, float16: 1, bfloat16: 2, float32: 3 } as const;
export const UNIT_CODES = { cosine: 0, dot: 1, category: 2 } as const;

/** How the targets of a search are given. */
export const TARGET_KINDS = { rows: 0, ids: 1, embeddings: 2, none: 3 } as const;

/** Elements of embeddings as they lie in memory: 16-bit floats travel as Uint16Array. */
export type NativeValues = Int8Array | Uint16Array | Float32Array;

export interface NativeTable {
  readonly rows: number;
  readonly dim: number;
  /** One of DTYPE_CODES. */
  readonly dtype: number;
  readonly hasIds: boolean;
  readonly mapped: boolean;
  /** Bytes of its own memory; a mapping counts its index only. */
  readonly residentBytes: number;
  rowsOf(ids: BigInt64Array, rows: Int32Array): void;
  /** Drops this handle; histories over the table keep what they need. */
  close(): void;
}

export interface FileRegion {
  readonly path: string;
  readonly offset: number;
}

/**
 * A search as the arguments of one call: reading the properties of an object costs more than a small
 * search. Numbers outside their range and arrays of another length are refused again by native code.
 */
export type NativeSearch = readonly [
  /** One of TARGET_KINDS. */
  targetKind: number,
  /** Rows, ids or embeddings, by kind; embeddings in the table's dtype. */
  targets: Int32Array | BigInt64Array | NativeValues | undefined,
  count: number,
  /** One of UNIT_CODES. */
  unit: number,
  k: number,
  /** Keeps score >= minScore; -Infinity keeps all. */
  minScore: number,
  /** Keeps time >= since; -Infinity keeps all, and then the history needs no times. */
  since: number,
  distinct: boolean,
  /** At most so many threads; 0: the whole pool. */
  threads: number,
  /** The targets' categories; only for the category unit. */
  categories: BigInt64Array | undefined,
  /** Rows or ids never kept; unknown ids are ignored. */
  exclude: Int32Array | BigInt64Array | undefined,
];

export interface NativeHistory {
  readonly length: number;
  readonly distinct: number;
  readonly byteLength: number;
  append(
    behaviours: Int32Array | BigInt64Array,
    categories: BigInt64Array | undefined,
    times: Float64Array | undefined,
  ): void;
  clear(): void;
  close(): void;
  /** Fills `positions` and `scores`, both [count, k]. */
  searchSync(...search: [...NativeSearch, positions: Int32Array, scores: Float32Array]): void;
  /**
   * The same on the pool. `positions` and `scores` must not be visible to anybody else until `done`
   * has been called, exactly once, with an error or nothing. Returns the job's number for `cancel`.
   * Throws ERR_KLEIO_QUEUE_FULL at once.
   */
  search(
    ...search: [
      ...NativeSearch,
      positions: Int32Array,
      scores: Float32Array,
      done: (error: Error | undefined) => void,
    ]
  ): number;
}

export interface NativeDescription {
  version: string;
  /** The level in use: 'scalar', 'avx2' or 'avx512'. */
  isa: string;
  /** Levels that this machine can run. */
  supportedIsas: string[];
  threads: number;
  queueCapacity: number;
  /** Compiler and flags that made the binary. */
  compiler: string;
  counters: {
    searches: number;
    targets: number;
    canonicalCompactions: number;
    fullCanonicalScans: number;
  };
}

export interface NativeBinding {
  /**
   * Once per environment, before anything else. `makeError` builds what native code throws; `threads`
   * and `queueCapacity` size the pool if this is the first environment of the process (0: default).
   */
  initialise(options: {
    makeError: (code: string, message: string) => Error;
    isa: string;
    threads: number;
    queueCapacity: number;
  }): void;
  describe(): NativeDescription;
  tableFrom(
    values: NativeValues,
    dtype: number,
    dim: number,
    ids: BigInt64Array | undefined,
  ): NativeTable;
  /** On the pool: checking a big file takes a while. */
  tableOpen(
    values: FileRegion & { rows: number; dim: number; dtype: number },
    ids: FileRegion | undefined,
    done: (error: Error | undefined, table: NativeTable | undefined) => void,
  ): void;
  createHistory(table: NativeTable, capacity: number): NativeHistory;
  /**
   * Ends a search early: its `done` is called with ERR_KLEIO_ABORTED, soon, unless it has just
   * finished. The number of a job that is over is ignored.
   */
  cancel(job: number): void;
  topK(
    targets: NativeValues,
    history: NativeValues,
    dtype: number,
    dim: number,
    k: number,
    positions: Int32Array,
    scores: Float32Array,
  ): void;
}
