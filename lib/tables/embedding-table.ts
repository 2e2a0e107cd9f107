/** An immutable table of item embeddings, from memory or from a file. */

import { binding } from '../binding/binary.js';
import { DTYPE_CODES, DUPLICATES_CODES } from '../binding/contract/codes.js';
import type { NativeTable } from '../binding/contract/native-table.js';
import { type Device, type DeviceName, deviceIndex, deviceName } from '../binding/devices.js';
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
import { knownOptions, optionNames, requireInteger } from '../support/options.js';
import { absolutePath } from '../support/paths.js';
import { printWith } from '../support/printed.js';
import { requireToken, type SharedToken } from '../support/shared-tokens.js';
import {
  DTYPE_OF_CODE,
  type Dtype,
  ELEMENT_TYPES,
  type EmbeddingValues,
  requireDtype,
} from './dtypes.js';
import { type Duplicates, requireDuplicates } from './duplicates.js';
import { knownNames, locateEmbeddings, type TensorNames } from './embedding-file.js';
import {
  lengthOf,
  nativeValues,
  requireBigInt64,
  requireEmbeddings,
  requireLength,
  rowsIn,
} from './views.js';

export interface TableOptions {
  /** Elements of an embedding, 1 to 4096. */
  readonly dim: number;
  /** Id of each row, all different unless `duplicates` says what equal ones mean. Default: rows have no ids. */
  readonly ids?: BigInt64Array | undefined;
  /** What an id on several rows means: its `'first'` or its `'last'` row. Default `'error'`. */
  readonly duplicates?: Duplicates | undefined;
  /** Needed where the values are unsigned integers: what their bits are. */
  readonly dtype?: Dtype | undefined;
  /** Where histories over the table are searched. Default `'cpu'`. */
  readonly device?: Device | undefined;
}

export interface OpenOptions {
  /**
   * Names of the tensors of a .safetensors file. Default: `values` and `ids`, then the released MUSE
   * model's `scl_embedding_table.values` and `.keys`, then the only two-dimensional tensor of numbers that
   * can be embeddings. Ids beside other values are the only vector called `ids`, `keys`, `item_id` or the
   * like; integers, one a row, under other names might be ids too: such a file is refused until `names.ids`
   * tells which they are, or `null` that rows have none.
   */
  readonly names?: TensorNames | undefined;
  /**
   * What an id on several rows means: its `'first'` or its `'last'` row, as in a dictionary that is filled in order.
   * Rows keep their numbers. Default `'error'`: such a file is refused.
   */
  readonly duplicates?: Duplicates | undefined;
  /** The dtype to expect; it tells what the bits of unsigned integers are. */
  readonly dtype?: Dtype | undefined;
  /** Where histories over the table are searched. Default `'cpu'`. */
  readonly device?: Device | undefined;
}

const TABLE_OPTIONS = optionNames('table options', ['dim', 'ids', 'duplicates', 'dtype', 'device']);
const OPEN_OPTIONS = optionNames('open options', ['names', 'duplicates', 'dtype', 'device']);

/** The binary's table behind an argument. Throws if it is no table, or closed. */
export let nativeTableOf: (table: unknown) => NativeTable;

/** A table around a native one. */
export let tableAround: (native: NativeTable) => EmbeddingTable;

/**
 * Item embeddings: `rows` times `dim` elements of one dtype, and an id for each row if there are ids.
 *
 * A table never changes. Histories over it keep what they need: it may be closed at any time. What
 * happens to a table's file after it was opened changes nothing.
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
    const { names, duplicates, dtype, device } = reading(OPEN_OPTIONS.what, () => {
      const {
        names,
        duplicates = 'error',
        dtype,
        device = 'cpu',
      } = knownOptions(options, OPEN_OPTIONS);
      return { names, duplicates, dtype, device };
    });
    const index = deviceIndex(device);
    requireDuplicates(duplicates);
    if (dtype !== undefined) requireDtype('dtype', dtype);
    const named = names === undefined ? undefined : knownNames(names);
    const absolute = absolutePath(path);
    const native = await readingFiles(async (files) => {
      const { values, ids } = await locateEmbeddings(files.open(absolute), files, named, dtype);
      return openedOnPool<NativeTable>((done) =>
        binding().tableOpen(values, ids, DUPLICATES_CODES[duplicates], index, done),
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
    nativeTableOf = (table) => {
      if (isObject(table) && #handle in table) return table.#handle.native;
      throw mustBe('ERR_KLEIO_ARGUMENT', 'table', 'an EmbeddingTable', table);
    };
  }
}
