/** Which rows of a file: a bit for each, from the first that is added on. */

export class RowSet {
  readonly #rows: number;
  #bits = new Uint8Array();
  #size = 0;

  constructor(rows: number) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#size;
  }

  add(row: number): void {
    if (this.#bits.length === 0) this.#bits = new Uint8Array(Math.ceil(this.#rows / 8));
    const bit = 1 << (row & 7);
    const byte = Math.floor(row / 8);
    if ((this.#bits[byte]! & bit) !== 0) return;
    this.#bits[byte]! |= bit;
    this.#size += 1;
  }
}
