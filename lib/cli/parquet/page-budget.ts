/** The pages of all columns that are in memory at once, as they lie in the file and decompressed. */

/** Writers make pages of a megabyte, some of a hundred. */
const MAX_BYTES = 256 * 2 ** 20;

export class PageBudget {
  #held = 0;

  /** Throws instead of holding more than there may be. */
  change(before: number, after: number): void {
    const held = this.#held - before + after;
    if (held > MAX_BYTES) {
      throw new Error(`its pages and those beside take ${held} bytes at once, over ${MAX_BYTES}`);
    }
    this.#held = held;
  }
}
