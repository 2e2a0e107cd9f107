/**
 * The binary's contract: everything `lib` knows of the native code. The numbers are those of
 * `native/core/dtype.h` and `native/core/ranking.h`; a test compares every one with `contract`.
 */

import type { NativeTreeBinding } from './native-tree.js';

export const DTYPE_CODES = { int8: 0, float16: 1, bfloat16: 2, float32: 3 } as const;

/** How the lifelong behaviours of a candidate are chosen. */
export const LIFELONG_CODES = { muse: 0, 'sim-hard': 1, din: 2, 'sim-soft': 3 } as const;

/** What fills the places of a candidate with fewer behaviours than K. */
export const EMPTY_PLACES_CODES = { release: 0, mask: 1 } as const;

/** What `measurePeak` drives to its limit: those of `native/core/peak_loop.h`. */
export const PEAK_CODES = { int8: 0, float32: 1, read: 2, float16: 3 } as const;

/** How the kernels of a device find what is worth scoring: those of `native/core/accelerator.h`. */
export const CANDIDATE_SEARCH_CODES = { blocks: 0, lists: 1, auto: 2 } as const;

/** The instructions by which a device lists rows. */
export const APPEND_CODES = { mma: 0, wgmma: 1 } as const;

/** What of a device selects for one target: those of `native/core/select_width.h`. */
export const SELECT_WIDTH_CODES = { block: 0, warp: 1 } as const;

/** How the targets of a search are given. */
export const TARGET_KINDS = { rows: 0, ids: 1, embeddings: 2, none: 3 } as const;

/** The device of a table or a ranker in place of the index of an accelerator. */
export const CPU_DEVICE = -1;

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
  /** CPU_DEVICE, or the index of an accelerator. */
  readonly device: number;
  /** Bytes on that accelerator. */
  readonly deviceBytes: number;
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
  /** A code of SEARCH_UNITS. */
  unit: number,
  k: number,
  /** Keeps score >= minScore, a float32; -Infinity keeps all. */
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

/** Rows or ids, and what they bring; one of each for every behaviour. */
export type NativeBehaviours = readonly [
  behaviours: Int32Array | BigInt64Array,
  categories: BigInt64Array | undefined,
  times: Float64Array | undefined,
];

/** What a history is made of on the pool; behaviours are copied. */
export type NativeHistoryBuild = readonly [capacity: number, ...appended: NativeBehaviours];

export interface NativeHistory {
  readonly length: number;
  readonly distinct: number;
  readonly byteLength: number;
  append(...appended: NativeBehaviours): void;
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

/** A tensor of a model: in the weights' file at `offset`, or with its values, which are copied. */
export interface NativeTensor {
  /** For error texts. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly values: NativeValues | BigInt64Array | undefined;
}

export interface NativeLinear {
  readonly weight: NativeTensor;
  readonly bias: NativeTensor;
}

export interface NativeFeature {
  readonly ids: NativeTensor;
  readonly embeddings: NativeTensor;
}

/**
 * A ranker's tensors. Element types are checked by `lib`: ids int64, similarity values of `dtype`,
 * everything else float32. Shapes and values are checked by native code, against each other.
 */
export interface NativeWeights {
  /** Empty: every tensor brings its values. */
  readonly path: string;
  readonly fileBytes: number;
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
  createHistory(capacity: number): NativeHistory;
  /** As the binding's. */
  buildHistory(
    ...build: [
      ...NativeHistoryBuild,
      done: (error: Error | undefined, history: NativeHistory | undefined) => void,
    ]
  ): number;
  rankSync(...ranking: [...NativeRanking, ...NativeRankingResults]): void;
  /** As `NativeHistory.search`: on the pool, into arrays that nobody else sees until `done`. */
  rank(
    ...ranking: [
      ...NativeRanking,
      ...NativeRankingResults,
      done: (error: Error | undefined) => void,
    ]
  ): number;
  /** All of them as one job. */
  rankMany(
    rankings: readonly (readonly [...NativeRanking, ...NativeRankingResults])[],
    done: (error: Error | undefined) => void,
  ): number;
  /** Drops this handle; histories and rankings in flight keep what they need. */
  close(): void;
}

interface NativeLayer {
  /** [outputs, inputs] */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface NativeAttention {
  readonly count: number;
  readonly k: number;
  /** Inputs of every layer. */
  readonly width: number;
  readonly target: Float32Array;
  readonly behaviours: Float32Array;
  /** At most two channels of [count, k]; none: the similarity term is left out. */
  readonly scores: readonly Float32Array[];
  readonly heads: readonly {
    readonly query: NativeLayer;
    readonly key: NativeLayer;
    readonly value: NativeLayer;
  }[];
  /** [channels, heads]; read where there are scores, as the gains, [3, heads]. */
  readonly temperatures: Float32Array | undefined;
  readonly gains: Float32Array | undefined;
  readonly mask: Float32Array | undefined;
  readonly scale: number;
  /** As `describeAccelerators` numbers them; −1: the CPU. */
  readonly device: number;
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
    /** Calls that were answered together with others. */
    coalesced: number;
  };
}

/** What an opened accelerator holds and has done since. */
export interface NativeAcceleratorUsage {
  /** After a failure: it answers nothing any more. */
  lost: boolean;
  tableBytes: number;
  historyBytes: number;
  historyBudgetBytes: number;
  /** Histories with something on the device now. */
  histories: number;
  /** Taken off the device to keep the budget. */
  historiesEvicted: number;
  /** Sent whole. */
  historiesUploaded: number;
  /** Sent as far as they had changed. */
  historiesUpdated: number;
  uploadedBytes: number;
  /** Searches that the CPU answered instead: by category, with k above 1024, of embeddings too wide. */
  cpuSearches: number;
  /** Rows that kernels looked at beyond their estimates. */
  visitedRows: number;
  /** Candidate buffers that kernels compacted. */
  compactions: number;
  /** Targets whose list of candidates was too short, so that all rows were visited. */
  listOverflows: number;
  /** CUDA graphs of requests whose shape came again, on the device now. */
  graphs: number;
  /** Graphs made. */
  graphCaptures: number;
  /** Requests that went to the device as one graph. */
  graphReplays: number;
}

export interface NativeAccelerator {
  /** `cuda:` and its index. */
  name: string;
  model: string;
  /** Compute capability. */
  compute: string;
  multiprocessors: number;
  /** Bytes. */
  memory: number;
  /** Left out until something has been put on the device. */
  usage?: NativeAcceleratorUsage;
}

export interface NativeAccelerators {
  devices: NativeAccelerator[];
  /** Why there are none; empty where there are some. */
  reason: string;
  /** Newest CUDA that the driver serves, 12040 is 12.4; 0: no driver. */
  driverVersion: number;
  /** CUDA that the binary was made with; 0: none. */
  runtimeVersion: number;
}

/** Numbers that `lib` and native code both spell, by the names of `lib`'s constants. */
export type NativeContract = Readonly<Record<string, number | Readonly<Record<string, unknown>>>>;

export interface NativeBinding extends NativeTreeBinding {
  readonly contract: NativeContract;
  /**
   * Once per environment, before anything else. `makeError` builds what native code throws; `threads`
   * and `queueCapacity` size the pool if this is the first environment of the process (0: default).
   */
  initialise(options: {
    makeError: (code: string, message: string) => Error;
    isa: string;
    threads: number;
    queueCapacity: number;
    /** Of the pool's threads. */
    niceness: number;
    /** How long a call waits for others, to be answered together with them; 0: not at all. */
    coalescingMicroseconds: number;
    /** Most bytes of a device that histories take; 0: half of its memory. */
    deviceHistoryBytes: number;
    /** Whether requests whose shape comes again go to a device as CUDA graphs. */
    deviceGraphs: boolean;
    /** One of CANDIDATE_SEARCH_CODES. */
    deviceSearch: number;
    /** One of APPEND_CODES. */
    deviceAppend: number;
    /** Most targets of a history for which a search on a device takes one launch; 0: none. */
    deviceOneLaunchTargets: number;
    /** One of SELECT_WIDTH_CODES. */
    deviceSelect: number;
  }): void;
  describe(): NativeDescription;
  /** Asks the driver, once; opens no device. */
  describeAccelerators(): NativeAccelerators;
  tableFrom(
    values: NativeValues,
    dtype: number,
    dim: number,
    ids: BigInt64Array | undefined,
    device: number,
  ): NativeTable;
  /** On the pool: checking a big file takes a while. */
  tableOpen(
    values: FileRegion & { rows: number; dim: number; dtype: number },
    ids: FileRegion | undefined,
    device: number,
    done: (error: Error | undefined, table: NativeTable | undefined) => void,
  ): void;
  createHistory(table: NativeTable, capacity: number): NativeHistory;
  /** A history with its behaviours, made on the pool. Returns the job's number for `cancel`. */
  buildHistory(
    table: NativeTable,
    ...build: [
      ...NativeHistoryBuild,
      done: (error: Error | undefined, history: NativeHistory | undefined) => void,
    ]
  ): number;
  /** As `NativeHistory.search`, of any histories, as one job. */
  searchMany(
    searches: readonly (readonly [
      history: NativeHistory,
      ...NativeSearch,
      positions: Int32Array,
      scores: Float32Array,
    ])[],
    done: (error: Error | undefined) => void,
  ): number;
  /** On the pool: checking and packing a big model takes a while. */
  rankerOpen(
    weights: NativeWeights,
    device: number,
    done: (error: Error | undefined, ranker: NativeRanker | undefined) => void,
  ): void;
  /** Fills `out`, [count, tiers]. */
  simTier(
    scores: Float32Array,
    k: number,
    weights: Float32Array,
    eps: number,
    out: Float32Array,
  ): void;
  /** Fills `out`, [count, sum of the value widths]. */
  semanticTargetAttention(input: NativeAttention, out: Float32Array): void;
  /**
   * Ends a search or a ranking early: its `done` is called with ERR_KLEIO_ABORTED, soon, unless it has just
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
  /**
   * Operations (two a multiply-add) or bytes per second that a device reaches with loops of the
   * instruction set in use that do nothing else, while the caller waits; 0 where there is no such loop.
   */
  measurePeak(
    /** One of PEAK_CODES. */
    peak: number,
    threads: number,
    /** Read by all threads together, for `read`. */
    bytes: number,
    milliseconds: number,
    /** CPU_DEVICE, or the index of an accelerator, which is measured whole. */
    device: number,
  ): number;
}
