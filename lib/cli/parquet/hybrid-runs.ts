/**
 * Levels and indices: runs of one number and groups of packed ones. They are read one by one, so that the
 * length of a run, whatever it claims, takes neither memory nor time.
 */

import { BitReader } from './bit-reader.js';
import type { ByteCursor } from './byte-cursor.js';

export class HybridRuns {
  readonly #cursor: ByteCursor;
  readonly #bits: BitReader;
  readonly #width: number;
  #left = 0;
  #isPacked = false;
  #value = 0;

  constructor(cursor: ByteCursor, width: number) {
    if (width > 32) throw new Error(`levels or indices of ${width} bits`);
    this.#cursor = cursor;
    this.#bits = new BitReader(cursor);
    this.#width = width;
  }

  next(): number {
    while (this.#left === 0) this.#nextRun();
    this.#left -= 1;
    return this.#isPacked ? this.#bits.read(this.#width) : this.#value;
  }

  /**
   * All that was needed has been read: only groups of eight have numbers that nobody needs. DuckDB fills 32 groups,
   * whatever the page has; what they take must be there.
   */
  finish(): void {
    const groups = Math.floor(this.#left / 8);
    if (this.#left === 0 || (this.#isPacked && groups * this.#width <= this.#cursor.left)) return;
    throw new Error(`a run goes on for ${this.#left} values beyond the page's`);
  }

  #nextRun(): void {
    const header = this.#cursor.varint();
    this.#isPacked = header % 2 === 1;
    this.#bits.align();
    if (this.#isPacked) {
      this.#left = ((header - 1) / 2) * 8;
      return;
    }
    this.#left = header / 2;
    this.#value = 0;
    for (let bits = 0; bits < this.#width; bits += 8) {
      this.#value += this.#cursor.byte() * 2 ** bits;
    }
  }
}
