/** The rows of one column in one row group. A row may lie on several pages; one page is in memory at a time. */

import * as zlib from 'node:zlib';

import type { OpenedFile } from '../../support/opened-file.js';
import { ChunkBytes } from './chunk-bytes.js';
import { decompressed } from './codecs.js';
import { DataPage } from './data-page.js';
import type { PageBudget } from './page-budget.js';
import { PAGE, type PageHeader } from './page-header.js';
import type { Chunk } from './row-groups.js';
import { type Dictionary, isPlain } from './value-readers.js';

const MAX_LIST = 4 * 2 ** 20;
/** A value of 64 bits and its levels, in the longest spelling; a page has little else. */
const MAX_ENTRY_BYTES = 16;
const FREE_PAGE_BYTES = 4096;

/** Node.js has it since 20.15. */
const { crc32 } = zlib as { crc32?: (bytes: Uint8Array) => number };

export class ColumnRows {
  readonly #bytes: ChunkBytes;
  readonly #chunk: Chunk;
  readonly #budget: PageBudget;
  /** Each entry is a row. */
  readonly #isFlat: boolean;
  #position: number;
  #entriesLeft: number;
  #pages = 0;
  #page: DataPage | undefined;
  /** Bytes of the page and the dictionary. */
  #held = 0;
  #dictionary: Dictionary | undefined;
  #list = new BigInt64Array(16);
  #length = 0;
  #hasNull = false;
  #hasBegun = false;

  constructor(file: OpenedFile, chunk: Chunk, budget: PageBudget) {
    this.#bytes = new ChunkBytes(file, chunk.end);
    this.#chunk = chunk;
    this.#budget = budget;
    this.#isFlat = chunk.column.leaf.maxRepetition === 0;
    this.#position = chunk.start;
    this.#entriesLeft = chunk.entries;
  }

  get name(): string {
    return this.#chunk.column.name;
  }

  /** Pages so far, by which errors tell the place. */
  get pages(): number {
    return this.#pages;
  }

  /** The row's only value; null if it has none. */
  get single(): bigint | null {
    return this.#hasNull ? null : this.#list[0]!;
  }

  /** The row's values, 0 for nulls among them. */
  get list(): BigInt64Array {
    return this.#list.slice(0, this.#length);
  }

  /** Whether one of them is null. */
  get hasNull(): boolean {
    return this.#hasNull;
  }

  beginRow(): void {
    this.#length = 0;
    this.#hasNull = false;
    this.#hasBegun = false;
  }

  /** Reads the row as far as the page goes; false if it needs the next page. */
  readRow(): boolean {
    const page = this.#page;
    while (page !== undefined && !page.isOver) {
      if (page.beginsRow === this.#hasBegun) {
        if (this.#hasBegun) return true;
        throw new Error('its first page begins within a row');
      }
      this.#readEntry(page);
      this.#hasBegun = true;
      page.advance();
      if (this.#isFlat) return true;
    }
    return this.#hasBegun && this.#entriesLeft === 0;
  }

  /** To the next page with entries. */
  async turnPage(): Promise<void> {
    if (this.#entriesLeft === 0) throw new Error('ends before the row group does');
    do await this.#nextPage();
    while (this.#page === undefined || this.#page.isOver);
  }

  /** After the last row of the group. */
  finish(): void {
    if (this.#entriesLeft > 0 || (this.#page !== undefined && !this.#page.isOver)) {
      throw new Error('goes on after the row group ends');
    }
    this.#hold(0, 0);
  }

  #readEntry(page: DataPage): void {
    const { maxDefinition, entryDefinition } = this.#chunk.column.leaf;
    const level = page.level();
    // A list of nothing is one entry alone.
    if (this.#hasBegun && (this.#length === 0 || level < entryDefinition)) {
      throw new Error('a list goes on that is empty or not there');
    }
    if (level === maxDefinition) this.#push(page.value());
    else if (level >= entryDefinition) {
      this.#hasNull = true;
      this.#push(0n);
    }
  }

  #push(value: bigint): void {
    if (this.#length === this.#list.length) {
      if (this.#length === MAX_LIST) throw new Error(`a list has more than ${MAX_LIST} entries`);
      const grown = new BigInt64Array(2 * this.#length);
      grown.set(this.#list);
      this.#list = grown;
    }
    this.#list[this.#length++] = value;
  }

  async #nextPage(): Promise<void> {
    const { start, header } = await this.#readHeader();
    const end = start + header.compressedSize;
    const dictionaryBytes = this.#dictionary?.bytes.length ?? 0;
    this.#position = end;
    this.#page = undefined;
    switch (header.type) {
      case PAGE.index:
        return;
      case PAGE.dictionary:
        if (this.#pages > 1) throw new Error('a dictionary that is not the first page');
        this.#budget.addDictionary(header.entries);
        break;
      case PAGE.data:
      case PAGE.dataV2:
        if (!(header.entries <= this.#entriesLeft)) {
          throw new Error(`claims ${header.entries} values of ${this.#entriesLeft}`);
        }
        this.#entriesLeft -= header.entries;
        // Some writers make pages of nothing, whatever their bytes say.
        if (header.entries === 0) return;
        break;
      default:
        throw new Error(`is of the unknown type ${header.type}`);
    }
    this.#hold(dictionaryBytes, header.compressedSize + header.uncompressedSize);
    const bytes = await this.#bytes.read(start, end);
    requireChecksum(header, bytes);
    if (header.type === PAGE.dictionary) await this.#readDictionary(header, bytes);
    else this.#page = await DataPage.open(this.#chunk, header, bytes, this.#dictionary);
    this.#hold(dictionaryBytes, header.uncompressedSize);
  }

  /** With where the page's bytes begin. */
  async #readHeader(): Promise<{ start: number; header: PageHeader }> {
    const { end } = this.#chunk;
    if (this.#position >= end) {
      throw new Error(`ends ${this.#entriesLeft} values before the column does`);
    }
    this.#pages += 1;
    const header = await this.#bytes.pageHeader(this.#position);
    const start = this.#position + header.length;
    const { compressedSize, uncompressedSize, entries } = header;
    if (!(compressedSize >= 0 && start + compressedSize <= end)) {
      throw new Error(`claims ${compressedSize} bytes where ${end - start} follow`);
    }
    const most = FREE_PAGE_BYTES + MAX_ENTRY_BYTES * Math.max(0, entries);
    if (header.type !== PAGE.index && !(uncompressedSize >= 0 && uncompressedSize <= most)) {
      throw new Error(`claims ${uncompressedSize} bytes for ${entries} values`);
    }
    if (header.type !== PAGE.index && !(entries >= 0)) throw new Error(`claims ${entries} values`);
    return { start, header };
  }

  async #readDictionary(header: PageHeader, page: Uint8Array): Promise<void> {
    const { codec, column } = this.#chunk;
    if (!isPlain(header.encoding)) throw new Error('its dictionary is not plain');
    const bytes = await decompressed(codec, page, header.uncompressedSize);
    if (bytes.length !== header.entries * column.type.width) {
      throw new Error(`its dictionary has ${bytes.length} bytes for ${header.entries} values`);
    }
    this.#dictionary = { count: header.entries, bytes };
  }

  #hold(dictionary: number, page: number): void {
    this.#budget.change(this.#held, dictionary + page);
    this.#held = dictionary + page;
  }
}

function requireChecksum({ crc }: PageHeader, bytes: Uint8Array): void {
  if (crc === undefined || crc32 === undefined || crc32(bytes) === crc >>> 0) return;
  throw new Error('its checksum is not that of its bytes');
}
