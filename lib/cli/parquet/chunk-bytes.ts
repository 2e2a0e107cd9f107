/** The bytes of a column chunk, read ahead of its pages, of which thousands may lie in what is read at once. */

import type { OpenedFile } from '../../support/opened-file.js';
import { type PageHeader, readPageHeader } from './page-header.js';

/** Page headers carry statistics of their page, and stay far below this. */
const MAX_HEADER = 64 * 1024;

/** With the rest of what was read before, no byte is read much oftener than twice. */
const READ_AHEAD = 2 * MAX_HEADER;

export class ChunkBytes {
  readonly #file: OpenedFile;
  readonly #end: number;
  /** Bytes of the file from `#start` on. */
  #window: Uint8Array = new Uint8Array();
  #start = 0;

  /** @param end of the chunk in the file */
  constructor(file: OpenedFile, end: number) {
    this.#file = file;
    this.#end = end;
  }

  async pageHeader(start: number): Promise<PageHeader> {
    if (!this.#holds(start, Math.min(start + MAX_HEADER, this.#end))) {
      this.#window = await this.#file.read(start, Math.min(READ_AHEAD, this.#end - start));
      this.#start = start;
    }
    return readPageHeader(this.#window.subarray(start - this.#start));
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (!this.#holds(start, end)) return this.#file.read(start, end - start);
    return this.#window.subarray(start - this.#start, end - this.#start);
  }

  #holds(start: number, end: number): boolean {
    return start >= this.#start && end <= this.#start + this.#window.length;
  }
}
