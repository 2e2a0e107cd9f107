/** Whole numbers of some bits each, packed one after the other, the lowest bits first. */

import type { ByteCursor } from './byte-cursor.js';

const POWERS = Float64Array.from({ length: 65 }, (_, bits) => 2 ** bits);

export class BitReader {
  readonly #cursor: ByteCursor;
  /** Of the byte before the cursor that are not read yet. */
  #left = 0;
  #byte = 0;

  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  /** At most 32 bits. */
  read(width: number): number {
    let value = 0;
    for (let have = 0; have < width; ) {
      if (this.#left === 0) {
        this.#byte = this.#cursor.byte();
        this.#left = 8;
      }
      const taken = Math.min(width - have, this.#left);
      value += (this.#byte & ((1 << taken) - 1)) * POWERS[have]!;
      this.#byte >>= taken;
      this.#left -= taken;
      have += taken;
    }
    return value;
  }

  /** What is left of the byte that was begun is no number. */
  align(): void {
    this.#left = 0;
  }
}
