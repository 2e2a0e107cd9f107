/** A table of item embeddings, from memory or from a file, to which more may be appended. */

import { binding } from '../binding/binary.js';
import { DTYPE_CODES, DUPLICATES_CODES } from '../binding/contract/codes.js';
import type { NativeTable } from '../binding/contract/native-table.js';
import { type DeviceName, deviceIndex, deviceName } from '../binding/devices.js';
import { openedOnPool } from '../binding/pool-call.js';
import { mustBe, reading } from '../support/errors.js';
import {
  foreignReceiver,
  Handle,
  isObject,
  keepInThread,
  makeDisposable,
  requireHandle,
  SHARING,
} from '../support/handles.js';
import { MAX_DIM } from '../support/limits.js';
import { allocated } from '../support/memory.js';
import { readingFiles } from '../support/opened-file.js';
import { knownOptions, requireInteger } from '../support/options.js';
import { absolutePath } from '../support/paths.js';
import { printWith } from '../support/printed.js';
import { requireToken, type SharedToken } from '../support/shared-tokens.js';
import {
  DTYPE_OF_CODE,
  type Dtype,
  ELEMENT_TYPES,
  type EmbeddingValues,
  requireDtype,
  type StoredValues,
} from './dtypes.js';
import { requireDuplicates } from './duplicates.js';
import { idSource, knownNames, locateEmbeddings } from './embedding-file.js';
import {
  APPEND_OPTIONS,
  OPEN_OPTIONS,
  type OpenOptions,
  TABLE_OPTIONS,
  type TableAppendOptions,
  type TableOptions,
} from './table-options.js';
import {
  lengthOf,
  nativeValues,
  requireAttached,
  requireBigInt64,
  requireEmbeddings,
  requireLength,
  roomFor,
  rowsIn,
  tagOf,
} from './views.js';

/** The binary's table behind an argument. Throws if it is no table, or closed. */
export let nativeTableOf: (table: unknown, expected?: string) => NativeTable;

/** A table around a native one. */
let tableAround: (native: NativeTable) => EmbeddingTable;

/** The table that was lent, until its borrower has closed it, and then another of the same. */
export let lentTable: (
  lent: EmbeddingTable | undefined,
  native: () => NativeTable,
) => EmbeddingTable;

/**
 * Item embeddings: `rows` times `dim` elements of one dtype, and an id for each row if there are ids.
 *
 * Rows never change and never move; `append` adds more at the end, which all histories, rankers and trees over the
 * table see at once. Histories keep what they need: a table may be closed at any time. What happens to a table's file
 * after it was opened changes nothing.
 *
 * @example
 * ```ts
 * import { EmbeddingTable } from 'kleio';
 *
 * const table = EmbeddingTable.from(Float32Array.of(1, 0, 0, 1), {
 *   dim: 2,
 *   ids: BigInt64Array.of(42n, 7n),
 * });
 * console.log(table.rows, table.dtype); // 2 'float32'
 * console.log(table.rowsOf(BigInt64Array.of(7n, 1n))); // Int32Array [1, -1]
 * table.close();
 * ```
 */
export class EmbeddingTable {
  readonly #handle: Handle<NativeTable>;

  private constructor(handle: Handle<NativeTable>) {
    requireHandle(
      handle,
      'an EmbeddingTable is made by EmbeddingTable.from or EmbeddingTable.open',
    );
    keepInThread(this, 'EmbeddingTable', SHARING);
    this.#handle = handle;
  }

  /**
   * Copies embeddings into a table.
   *
   * @param values `[rows, dim]`; over a SharedArrayBuffer nobody may write meanwhile.
   * @throws ERR_KLEIO_SHAPE, ERR_KLEIO_DTYPE, ERR_KLEIO_NOT_FINITE (naming row and column),
   * ERR_KLEIO_DUPLICATE_ID (naming both rows), ERR_KLEIO_RANGE, ERR_KLEIO_ARGUMENT, ERR_KLEIO_DEVICE,
   * ERR_KLEIO_OUT_OF_MEMORY; the first call also what `devices` throws.
   * @example
   * ```ts
   * import { EmbeddingTable } from 'kleio';
   *
   * const bits = Uint16Array.of(0x3c00, 0x0000, 0x0000, 0xbc00); // float16: 1, 0, 0, -1
   * const table = EmbeddingTable.from(bits, { dim: 2, dtype: 'float16' });
   * console.log(table.byteLength); // 8
   * ```
   */
  static from(values: EmbeddingValues, options: TableOptions): EmbeddingTable {
    const {
      dim,
      ids,
      duplicates,
      dtype: said,
      device,
    } = reading(TABLE_OPTIONS.what, () => {
      const {
        dim,
        ids,
        duplicates = 'error',
        dtype,
        device = 'cpu',
      } = knownOptions(options, TABLE_OPTIONS);
      return { dim, ids, duplicates, dtype, device };
    });
    requireInteger('dim', dim, 1, MAX_DIM);
    requireDuplicates(duplicates);
    const index = deviceIndex(device);
    if (said !== undefined) requireDtype('dtype', said);
    const dtype = requireEmbeddings('values', values, said);
    const rows = rowsIn('values', lengthOf(values), dim);
    if (ids !== undefined) {
      requireBigInt64('ids', ids);
      requireLength('ids', lengthOf(ids), rows, 'row');
    }
    const native = binding().tableFrom(
      nativeValues(values),
      DTYPE_CODES[dtype],
      dim,
      ids,
      DUPLICATES_CODES[duplicates],
      index,
    );
    return new EmbeddingTable(new Handle('table', native));
  }

  /**
   * Opens embeddings in a `.safetensors` or `.npy` file, or in several .safetensors files that a
   * `.safetensors.index.json` beside them names; they are told apart by their content.
   *
   * A .safetensors file gives the values (two-dimensional, in the element type of a dtype) and
   * optionally the ids (I64, one-dimensional; of U64 the same bits); tensors that are not asked for may
   * have any type. A .npy file (versions 1 to 3, little-endian, C order, in every spelling of NumPy's) gives the
   * values. A header has at most 100 MB, 131 072 tensors and 64 extents a shape: it is read in time linear
   * in its bytes, the event loop turning.
   *
   * The file is opened in the call and read into memory, all of it as of one moment: it may be replaced by
   * renaming another over it at any time, and what happens to it after the call is over changes nothing.
   * One that is written to while it is read is refused (`docs/files.md`).
   *
   * @returns rejects with ERR_KLEIO_FILE (the system refused it), ERR_KLEIO_FORMAT (it is not what it
   * claims to be, or lacks the tensors: the message lists those there are), ERR_KLEIO_DTYPE, ERR_KLEIO_SHAPE,
   * ERR_KLEIO_NOT_FINITE, ERR_KLEIO_DUPLICATE_ID, ERR_KLEIO_ARGUMENT, ERR_KLEIO_DEVICE, ERR_KLEIO_QUEUE_FULL,
   * ERR_KLEIO_RANGE, ERR_KLEIO_OUT_OF_MEMORY; the first call also what `devices` throws.
   * @example
   * ```ts
   * import { writeFileSync } from 'node:fs';
   * import { EmbeddingTable } from 'kleio';
   *
   * const header = '{"descr":"|i1","fortran_order":False,"shape":(2,3),}'.padEnd(117) + '\n';
   * const magic = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
   * writeFileSync('items.npy', Buffer.concat([magic, Buffer.from(header), Buffer.of(1, 2, 3, 4, 5, 6)]));
   *
   * const table = await EmbeddingTable.open('items.npy');
   * console.log(table.rows, table.dim, table.dtype); // 2 3 'int8'
   * ```
   */
  static async open(path: string | URL, options: OpenOptions = {}): Promise<EmbeddingTable> {
    const { names, ids, duplicates, dtype, device } = reading(OPEN_OPTIONS.what, () => {
      const {
        names,
        ids,
        duplicates = 'error',
        dtype,
        device = 'cpu',
      } = knownOptions(options, OPEN_OPTIONS);
      return { names, ids, duplicates, dtype, device };
    });
    const index = deviceIndex(device);
    requireDuplicates(duplicates);
    if (dtype !== undefined) requireDtype('dtype', dtype);
    const named = names === undefined ? undefined : knownNames(names);
    const absolute = absolutePath(path);
    const source = ids === undefined ? undefined : idSource(ids, named);
    const native = await readingFiles(async (files) => {
      const located = await locateEmbeddings(files.open(absolute), files, {
        names: named,
        ids: typeof source === 'string' ? files.open(source) : source,
        dtype,
      });
      return openedOnPool<NativeTable>((done) =>
        binding().tableOpen(located.values, located.ids, DUPLICATES_CODES[duplicates], index, done),
      );
    });
    return new EmbeddingTable(new Handle('table', native));
  }

  /**
   * A handle of a table that another thread of this process has shared: the same memory, however many
   * threads have one. Only the thread that made the table may change it.
   *
   * @param token what `share` of a table gave.
   * @throws ERR_KLEIO_CLOSED if no handle of the table is open any more, ERR_KLEIO_ARGUMENT (no token, one of
   * another class, of another process, or of another copy of this package); the first call also what
   * `devices` throws.
   * @example
   * ```ts
   * import { isMainThread, Worker, workerData } from 'node:worker_threads';
   * import { EmbeddingTable, History } from 'kleio';
   *
   * if (isMainThread) {
   *   const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2 });
   *   new Worker(new URL(import.meta.url), { workerData: items.share() }).on('exit', () => items.close());
   * } else {
   *   const items = EmbeddingTable.fromShared(workerData);
   *   const history = new History(items);
   *   history.append(Int32Array.of(0, 1, 1));
   *   console.log(history.searchSync(Int8Array.of(4, 3), { k: 1 }).positions); // Int32Array [0]
   * }
   * ```
   */
  static fromShared(token: SharedToken<'EmbeddingTable'>): EmbeddingTable {
    requireToken(token, 'EmbeddingTable');
    return tableAround(binding().tableFromShared(token));
  }

  /**
   * What leads other threads of this process to this table: `EmbeddingTable.fromShared` there. The same string
   * for every handle of a table; it holds nothing and need not be given back. It is good as long as some
   * handle of the table is open.
   *
   * @throws ERR_KLEIO_CLOSED.
   */
  share(): SharedToken<'EmbeddingTable'> {
    return EmbeddingTable.#handleOf(this).native.share() as SharedToken<'EmbeddingTable'>;
  }

  get rows(): number {
    return EmbeddingTable.#handleOf(this).native.rows;
  }

  /** How many rows no id leads to, because their id means another row (`duplicates`); 0 for other tables. */
  get duplicates(): number {
    return EmbeddingTable.#handleOf(this).native.shadowedRows;
  }

  /** Elements of an embedding. */
  get dim(): number {
    return EmbeddingTable.#handleOf(this).native.dim;
  }

  get dtype(): Dtype {
    return DTYPE_OF_CODE[EmbeddingTable.#handleOf(this).native.dtype]!;
  }

  /** Where searches of histories over this table run. */
  get device(): DeviceName {
    return deviceName(EmbeddingTable.#handleOf(this).native.device);
  }

  /** Bytes of device memory that the table takes beside its memory here; 0 on the CPU. */
  get deviceByteLength(): number {
    return EmbeddingTable.#handleOf(this).native.deviceBytes;
  }

  /** Bytes of the embeddings, `rows * dim * bytes of an element`. */
  get byteLength(): number {
    const { native } = EmbeddingTable.#handleOf(this);
    return native.rows * native.dim * ELEMENT_TYPES[DTYPE_OF_CODE[native.dtype]!].bytes;
  }

  /** The row of each id, −1 where the table does not have it. */
  rowsOf(ids: BigInt64Array): Int32Array {
    const { native } = EmbeddingTable.#handleOf(this);
    requireBigInt64('ids', ids);
    const rows = allocated('the rows', () => new Int32Array(lengthOf(ids)));
    native.rowsOf(ids, rows);
    return rows;
  }

  /**
   * Copies embeddings to new rows at the end. Searches that run do not see them, every later call does: histories,
   * rankers and trees over the table, whenever they were made. Nothing waits for it, and no row moves.
   *
   * A behaviour that was appended to a history while its id was unknown stays without embedding. To a ranker new items
   * are unknown but for these embeddings: its own item embedding of them is the padding's, as in the release. On a
   * device the new rows go up with the next search that reads the table.
   *
   * @param values `[count, dim]` in the table's dtype; over a SharedArrayBuffer nobody may write meanwhile.
   * @returns the first new row: the others follow it.
   * @throws ERR_KLEIO_ARGUMENT (ids missing, or given to a table without), ERR_KLEIO_SHAPE, ERR_KLEIO_DTYPE,
   * ERR_KLEIO_NOT_FINITE (naming row and column of `values`), ERR_KLEIO_DUPLICATE_ID (naming both rows),
   * ERR_KLEIO_RANGE (more than 2^31 − 2 rows), ERR_KLEIO_CLOSED, ERR_KLEIO_OUT_OF_MEMORY; then nothing has changed.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const table = EmbeddingTable.from(Int8Array.of(1, 0, 0, 1), { dim: 2, ids: BigInt64Array.of(42n, 7n) });
   * const history = new History(table);
   * const row = table.append(Int8Array.of(3, 4), { ids: BigInt64Array.of(99n) });
   * console.log(row, table.rows); // 2 3
   * history.append(BigInt64Array.of(99n));
   * ```
   */
  append(values: EmbeddingValues, options: TableAppendOptions = {}): number {
    const { native } = EmbeddingTable.#handleOf(this);
    const { ids, duplicates } = reading(APPEND_OPTIONS.what, () => {
      const { ids, duplicates = 'error' } = knownOptions(options, APPEND_OPTIONS);
      return { ids, duplicates };
    });
    requireDuplicates(duplicates);
    requireEmbeddings('values', values, DTYPE_OF_CODE[native.dtype]);
    const rows = rowsIn('values', lengthOf(values), native.dim);
    if (ids !== undefined) {
      requireBigInt64('ids', ids);
      requireLength('ids', lengthOf(ids), rows, 'row');
    }
    return native.append(nativeValues(values), ids, DUPLICATES_CODES[duplicates]);
  }

  /**
   * The embeddings of rows, or of ids, one after the other.
   *
   * @param rows row numbers, or ids.
   * @returns `[rows.length, dim]` in the table's dtype: what `from` takes. Zeros for row −1 and for ids that the table
   * does not have, as `rowsOf` gives them and as behaviours without embedding have them.
   * @throws ERR_KLEIO_RANGE (a row outside the table), ERR_KLEIO_ARGUMENT (ids, but the table has none),
   * ERR_KLEIO_CLOSED, ERR_KLEIO_OUT_OF_MEMORY.
   * @example
   * ```ts
   * import { EmbeddingTable } from 'kleio';
   *
   * const table = EmbeddingTable.from(Int8Array.of(1, 2, 3, 4), { dim: 2, ids: BigInt64Array.of(42n, 7n) });
   * console.log(table.read(Int32Array.of(1, 0))); // Int8Array [3, 4, 1, 2]
   * console.log(table.read(BigInt64Array.of(7n, 8n))); // Int8Array [3, 4, 0, 0]
   * ```
   */
  read(rows: Int32Array | BigInt64Array): StoredValues {
    const { native } = EmbeddingTable.#handleOf(this);
    const tag = tagOf(rows);
    if (tag !== 'Int32Array' && tag !== 'BigInt64Array') {
      throw mustBe('ERR_KLEIO_ARGUMENT', 'rows', 'an Int32Array or a BigInt64Array', rows);
    }
    requireAttached('rows', rows);
    const values = roomFor(DTYPE_OF_CODE[native.dtype]!, lengthOf(rows) * native.dim);
    native.read(rows, values);
    return values;
  }

  /** Makes this handle unusable. Histories over the table, and handles of other threads, keep it for themselves. */
  close(): void {
    EmbeddingTable.#handleOf(this).close();
  }

  static #handleOf(receiver: unknown): Handle<NativeTable> {
    if (isObject(receiver) && #handle in receiver) return receiver.#handle;
    throw foreignReceiver('EmbeddingTable', receiver);
  }

  /** `close()`, for `using`. */
  declare readonly [Symbol.dispose]: () => void;

  static {
    makeDisposable(EmbeddingTable.prototype);
    printWith(EmbeddingTable.prototype, 'EmbeddingTable', [
      'rows',
      'dim',
      'dtype',
      'device',
      'byteLength',
    ]);
    tableAround = (native) => new EmbeddingTable(new Handle('table', native));
    const isOpen = (table: EmbeddingTable) => table.#handle.isOpen;
    lentTable = (lent, native) =>
      lent !== undefined && isOpen(lent) ? lent : tableAround(native());
    nativeTableOf = (table, expected = 'an EmbeddingTable') => {
      if (isObject(table) && #handle in table) return table.#handle.native;
      throw mustBe('ERR_KLEIO_ARGUMENT', 'table', expected, table);
    };
  }
}
