/** What reading a file may take, whatever its pages claim of themselves. */

/** Writers make pages of a megabyte, some of a hundred. */
const MAX_BYTES = 256 * 2 ** 20;

export class PageBudget {
  readonly #mostValues: number;
  #held = 0;
  #values = 0;

  /** @param mostValues of all dictionaries of the file together */
  constructor(mostValues: number) {
    this.#mostValues = mostValues;
  }

  /** Of the pages of all columns that are in memory at once. Throws instead of holding more than there may be. */
  change(before: number, after: number): void {
    const held = this.#held - before + after;
    if (held > MAX_BYTES) {
      throw new Error(`its pages and those beside take ${held} bytes at once, over ${MAX_BYTES}`);
    }
    this.#held = held;
  }

  /** A few bytes decompress to a dictionary of millions, in every row group anew. */
  addDictionary(values: number): void {
    this.#values += values;
    if (this.#values <= this.#mostValues) return;
    throw new Error(
      `its dictionary and those before claim ${this.#values} values; the file may have ${this.#mostValues}`,
    );
  }
}
