/** DELTA_BINARY_PACKED: differences to the value before, in blocks of miniblocks with a width of bits each. */

import { BitReader } from './bit-reader.js';
import type { ByteCursor } from './byte-cursor.js';
import type { ValueType } from './column-type.js';
import type { ValueReader } from './value-readers.js';

export class DeltaValues implements ValueReader {
  readonly #cursor: ByteCursor;
  readonly #bits: BitReader;
  readonly #type: ValueType;
  /** The value as bytes, to be read as one of the type. */
  readonly #stored = new DataView(new ArrayBuffer(8));
  #perMiniblock = 0;
  #miniblocks = 0;
  /** Values that have not come, of the page and of the miniblock. */
  #left = -1;
  #ofMiniblock = 0;
  #widths: Uint8Array = new Uint8Array();
  #nextWidth = 0;
  #width = 0;
  #least = 0n;
  #value = 0n;

  constructor(type: ValueType, cursor: ByteCursor) {
    this.#type = type;
    this.#cursor = cursor;
    this.#bits = new BitReader(cursor);
  }

  next(): bigint {
    // A page of nulls alone may be empty.
    const isFirst = this.#left < 0;
    if (isFirst) this.#begin();
    if (this.#left === 0) throw new Error('ends too soon');
    this.#left -= 1;
    if (!isFirst) this.#value = BigInt.asIntN(64, this.#value + this.#difference());
    this.#stored.setBigInt64(0, this.#value, true);
    return this.#type.read(this.#stored, 0);
  }

  finish(): void {
    if (this.#left > 0) throw new Error(`${this.#left} values are more than the page's`);
  }

  #begin(): void {
    const perBlock = this.#cursor.varint();
    this.#miniblocks = this.#cursor.varint();
    this.#left = this.#cursor.varint();
    this.#value = this.#cursor.zigzag64();
    this.#perMiniblock = perBlock / this.#miniblocks;
    const isWhole = Number.isInteger(this.#perMiniblock) && this.#perMiniblock > 0;
    if (!isWhole || this.#perMiniblock % 8 !== 0) {
      throw new Error(`blocks of ${perBlock} values in ${this.#miniblocks} miniblocks`);
    }
  }

  #difference(): bigint {
    if (this.#ofMiniblock === 0) this.#nextMiniblock();
    this.#ofMiniblock -= 1;
    const low = this.#bits.read(Math.min(32, this.#width));
    if (this.#width <= 32) return this.#least + BigInt(low);
    return this.#least + (BigInt(this.#bits.read(this.#width - 32)) << 32n) + BigInt(low);
  }

  #nextMiniblock(): void {
    this.#bits.align();
    if (this.#nextWidth === this.#widths.length) {
      this.#least = this.#cursor.zigzag64();
      const start = this.#cursor.skip(this.#miniblocks);
      this.#widths = this.#cursor.bytes.subarray(start, this.#cursor.offset);
      this.#nextWidth = 0;
    }
    this.#width = this.#widths[this.#nextWidth++]!;
    if (this.#width > 64) throw new Error(`differences of ${this.#width} bits`);
    this.#ofMiniblock = this.#perMiniblock;
  }
}
