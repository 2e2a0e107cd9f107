/** Histories and the searches of them. */

import type { Done, Finished } from './done.js';
import type { NativeTable, NativeValues } from './native-table.js';

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
  /** Keeps time <= until; Infinity keeps all. */
  until: number,
  distinct: boolean,
  /** At most so many threads; 0: the whole pool. */
  threads: number,
  /** The targets' categories; only for the category unit. */
  categories: BigInt64Array | undefined,
  /** Rows or ids never kept; unknown ids are ignored. */
  exclude: Int32Array | BigInt64Array | undefined,
];

/**
 * Arrays that take what is told of behaviours, one value for each; undefined where nobody asks. Empty places
 * get -1, 0n, NaN, 0n and -1.
 */
export type NativeFields = readonly [
  rows: Int32Array | undefined,
  ids: BigInt64Array | undefined,
  times: Float64Array | undefined,
  categories: BigInt64Array | undefined,
  sequences: Float64Array | undefined,
];

/** What a search fills, all [count, k]. */
export type NativeKept = readonly [
  positions: Int32Array,
  scores: Float32Array,
  fields: NativeFields | undefined,
];

/** Rows or ids, and what they bring; one of each for every behaviour. */
export type NativeBehaviours = readonly [
  behaviours: Int32Array | BigInt64Array,
  categories: BigInt64Array | undefined,
  times: Float64Array | undefined,
];

/** What a history is made of on the pool; behaviours are copied. */
export type NativeHistoryBuild = readonly [capacity: number, ...appended: NativeBehaviours];

/**
 * One search of a history, copied, which goes on from what it kept when it is asked again. Closed with its history.
 * What is filled is of the moment of the call.
 */
export interface NativeExtendableSearch {
  /** Returns the sequence number of position 0. */
  searchSync(...kept: NativeKept): number;
  /** The same where it takes less than a turn of the pool; otherwise returns -1, whatever the arrays hold then. */
  searchBriefly(...kept: NativeKept): number;
  /** As `NativeHistory.search`. */
  search(...kept: [...NativeKept, done: Finished]): number;
}

/** Bytes of a history that have been measured, and hold its memory until they are written, once. */
export interface NativeHistoryBytes {
  readonly byteLength: number;
  /** Fills an array of that length, as a search fills its own. */
  write(bytes: Uint8Array, done: Finished): number;
}

/** Memory for bytes of a history, which nobody else sees. */
export interface NativeHistoryReading {
  /**
   * Copies the next part of the bytes; true after the last. Throws ERR_KLEIO_FORMAT for damage, ERR_KLEIO_ARGUMENT
   * if they are not there any more.
   */
  take(bytes: Uint8Array): boolean;
  /** Whether `link` may begin, once, on the pool and beside `take`, which makes what it can without the items. */
  readonly canLink: boolean;
  link(done: Finished): number;
  /**
   * Reads them, once, on the pool, after the last part and what `link` did; `capacity`: in place of theirs.
   * Returns the job's number.
   */
  read(capacity: number | undefined, done: Done<NativeHistory>): number;
  /** What it holds goes, unless a job has it. */
  close(): void;
}

export interface NativeHistory {
  readonly length: number;
  readonly distinct: number;
  readonly byteLength: number;
  /** Of the oldest behaviour present, and of the next one to come. */
  readonly firstSequence: number;
  readonly nextSequence: number;
  append(...appended: NativeBehaviours): void;
  /**
   * Fills the columns for the behaviours from sequence number `from` on, oldest first, at most `count`, the length
   * of each. Returns how many there are.
   */
  read(from: number, fields: NativeFields, count: number): number;
  /** Writes 1 or 0 for each row or id: whether a behaviour of it is present. */
  has(items: Int32Array | BigInt64Array, seen: Uint8Array): void;
  /** These return how many behaviours there were. */
  removeItems(items: Int32Array | BigInt64Array): number;
  removeSequences(sequences: Float64Array): number;
  removeBefore(time: number): number;
  clear(): void;
  close(): void;
  searchSync(...search: [...NativeSearch, ...NativeKept]): void;
  /**
   * The same on the pool. What it fills must not be visible to anybody else until `done` has been called, exactly
   * once, with an error or nothing. Returns the job's number for `cancel`. Throws ERR_KLEIO_QUEUE_FULL at once.
   */
  search(...search: [...NativeSearch, ...NativeKept, done: Finished]): number;
  extendable(...search: NativeSearch): NativeExtendableSearch;
  /** These as they are now, on the pool; they return the job's number. */
  toBytes(packed: boolean, done: Done<NativeHistoryBytes>): number;
  /** The same behaviours where `ground`, a history, is. */
  onto(ground: NativeHistory, done: Done<NativeHistory>): number;
}

export interface NativeHistoryBinding {
  createHistory(table: NativeTable, capacity: number): NativeHistory;
  /** A history with its behaviours, made on the pool. Returns the job's number for `cancel`. */
  buildHistory(
    table: NativeTable,
    ...build: [...NativeHistoryBuild, done: Done<NativeHistory>]
  ): number;
  /** For so many bytes of a history that will be where `ground`, a history, is. */
  beginHistoryReading(ground: NativeHistory, byteLength: number): NativeHistoryReading;
  /** As `NativeHistory.search`, of any histories, as one job. */
  searchMany(
    searches: readonly (readonly [history: NativeHistory, ...NativeSearch, ...NativeKept])[],
    done: Finished,
  ): number;
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
