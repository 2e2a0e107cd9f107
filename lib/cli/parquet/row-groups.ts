/**
 * The row groups of a file. Each is held against the schema, the size of the file and the groups before it as soon
 * as its claims have been read, and kept only if it has rows.
 */

import { physicalTypeName, type ValueType } from './column-type.js';
import type { Leaf } from './parquet-schema.js';
import type { ChunkClaims, GroupClaims } from './row-group-claims.js';

export interface Column {
  readonly name: string;
  readonly leaf: Leaf;
  readonly type: ValueType;
}

/** The values of one column in one row group. */
export interface Chunk {
  readonly column: Column;
  readonly codec: number;
  /** Values, nulls and empty lists together. */
  readonly entries: number;
  /** Bytes of the file. */
  readonly start: number;
  readonly end: number;
}

export interface RowGroup {
  /** In the file, where groups without rows count. */
  readonly index: number;
  readonly rows: number;
  /** In the order of the columns asked for. */
  readonly chunks: readonly Chunk[];
}

export const MAGIC = 'PAR1';
/** The length of the footer, and the magic again. */
export const TAIL = 8;

/** Run lengths let a few bytes claim billions of entries. Files whose columns differ at all stay far below. */
const FREE_ENTRIES = 2 ** 20;
const MAX_ENTRIES_PER_BYTE = 256;

/** Values of a file of so many bytes, nulls counted; so many may be in its dictionaries, too. */
export const mostEntries = (size: number): number => FREE_ENTRIES + MAX_ENTRIES_PER_BYTE * size;

export class RowGroups {
  readonly #columns: readonly Column[];
  readonly #size: number;
  readonly #withRows: RowGroup[] = [];
  #count = 0;
  #rows = 0;
  #entries = 0;
  #bytes = 0;

  /** @param size of the file */
  constructor(columns: readonly Column[], size: number) {
    this.#columns = columns;
    this.#size = size;
  }

  get withRows(): readonly RowGroup[] {
    return this.#withRows;
  }

  get rows(): number {
    return this.#rows;
  }

  add({ rows, chunks }: GroupClaims): void {
    const index = this.#count++;
    if (!(rows >= 0)) throw new Error(`row group ${index} claims ${rows} rows`);
    const checked = this.#columns.map((column) => {
      const where = `row group ${index}, column ${column.name}`;
      const claims = chunks.get(column.name);
      if (claims === undefined) throw new Error(`${where} is not there`);
      return this.#checked(claims, column, where, rows);
    });
    this.#rows += rows;
    if (rows > 0) this.#withRows.push({ index, rows, chunks: checked });
  }

  #checked(claims: ChunkClaims, column: Column, where: string, rows: number): Chunk {
    const { codec, entries, compressedSize, dataOffset, dictionaryOffset } = claims;
    if (claims.isEncrypted) throw new Error(`${where} is encrypted; write it without encryption`);
    if (claims.otherFile !== '') throw new Error(`${where} lies in another file`);
    if (claims.type !== column.leaf.element.type) {
      const types = [claims.type, column.leaf.element.type!].map(physicalTypeName);
      throw new Error(`${where} is ${types[0]} where the schema has ${types[1]}`);
    }
    const hasOneEach = column.leaf.maxRepetition === 0 || rows === 0;
    if (hasOneEach ? entries !== rows : entries < rows) {
      throw new Error(`${where} claims ${entries} values for ${rows} rows`);
    }
    // Some writers leave the offset of a dictionary out, and some say 0 where there is none.
    const start = dictionaryOffset > 0 ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
    const end = start + compressedSize;
    const isWithin = compressedSize >= 0 && start >= MAGIC.length && end <= this.#size - TAIL;
    if (entries > 0 && !isWithin) {
      throw new Error(`${where} claims bytes ${start} to ${end} of a file of ${this.#size}`);
    }
    if (entries > 0) this.#require(where, entries, compressedSize);
    return { column, codec, entries, start, end };
  }

  /** Groups that share their bytes would be read as often as there are groups. */
  #require(where: string, entries: number, bytes: number): void {
    this.#entries += entries;
    this.#bytes += bytes;
    const most = mostEntries(this.#size);
    if (this.#entries > most) {
      throw new Error(
        `claims ${this.#entries} values; a file of ${this.#size} bytes may have ${most}`,
      );
    }
    if (this.#bytes > this.#size) {
      throw new Error(
        `${where} and those before claim ${this.#bytes} bytes of a file of ${this.#size}`,
      );
    }
  }
}
