/** Tables of embeddings, from memory or from a file. */

import type { Done } from './done.js';
import type { NativeFile } from './native-file.js';

/** Elements of embeddings as they lie in memory: floats that every Node-API has no array for as their bits. */
export type NativeValues = Int8Array | Uint8Array | Uint16Array | Float32Array;

export interface FileRegion {
  readonly file: NativeFile;
  readonly offset: number;
  /** File and tensor, for error texts. */
  readonly name: string;
}

export interface NativeTable {
  readonly rows: number;
  readonly dim: number;
  /** One of DTYPE_CODES. */
  readonly dtype: number;
  readonly hasIds: boolean;
  /** Rows that no id leads to. */
  readonly shadowedRows: number;
  /** Bytes of its own memory. */
  readonly residentBytes: number;
  /** CPU_DEVICE, or the index of an accelerator. */
  readonly device: number;
  /** Bytes on that accelerator. */
  readonly deviceBytes: number;
  rowsOf(ids: BigInt64Array, rows: Int32Array): void;
  /** What `tableFromShared` on any thread of the process makes a handle of. */
  share(): string;
  /** Copies; returns the number of the first new row. `duplicates`: one of DUPLICATES_CODES. */
  append(values: NativeValues, ids: BigInt64Array | undefined, duplicates: number): number;
  /** Fills `out`, [rows, dim], with the embeddings of rows or of ids; zeros for -1 and unknown ids. */
  read(rows: Int32Array | BigInt64Array, out: NativeValues): void;
  /** Drops this handle; histories over the table keep what they need. */
  close(): void;
}

export interface NativeTableBinding {
  /** A further handle of the same memory. */
  tableFromShared(token: string): NativeTable;
  tableFrom(
    values: NativeValues,
    dtype: number,
    dim: number,
    ids: BigInt64Array | undefined,
    /** One of DUPLICATES_CODES, as below. */
    duplicates: number,
    device: number,
  ): NativeTable;
  /** On the pool: checking a big file takes a while. */
  tableOpen(
    values: FileRegion & { rows: number; dim: number; dtype: number },
    /** In memory they are copied. */
    ids: FileRegion | BigInt64Array | undefined,
    duplicates: number,
    device: number,
    done: Done<NativeTable>,
  ): void;
}
