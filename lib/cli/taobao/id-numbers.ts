/** Dense numbers for 64-bit ids, in the order of their first coming: 12 to 24 bytes each where a Map takes 100. */

const NONE = -1;

export class IdNumbers {
  #ids = new BigInt64Array(1024);
  /** Open addressing: the number of the id of each entry, or NONE. Always a power of two, at most half full. */
  #entries = new Int32Array(2048).fill(NONE);
  #count = 0;
  readonly #id = new BigInt64Array(1);
  readonly #halves = new Int32Array(this.#id.buffer);

  get count(): number {
    return this.#count;
  }

  id(number: number): bigint {
    return this.#ids[number]!;
  }

  /** −1 for an id that did not come. */
  find(id: bigint): number {
    return this.#entries[this.#indexOf(id)]!;
  }

  /** The number of this id, a new one if it is new. */
  add(id: bigint): number {
    const index = this.#indexOf(id);
    const known = this.#entries[index]!;
    if (known !== NONE) return known;
    const number = this.#count++;
    this.#entries[index] = number;
    this.#ids[number] = id;
    if (this.#count === this.#ids.length) this.#grow();
    return number;
  }

  #indexOf(id: bigint): number {
    const mask = this.#entries.length - 1;
    let index = this.#hash(id) & mask;
    for (;;) {
      const number = this.#entries[index]!;
      if (number === NONE || this.#ids[number] === id) return index;
      index = (index + 1) & mask;
    }
  }

  #hash(id: bigint): number {
    this.#id[0] = id;
    return mixed(this.#halves[0]!, this.#halves[1]!);
  }

  #grow(): void {
    const ids = new BigInt64Array(2 * this.#ids.length);
    ids.set(this.#ids);
    this.#ids = ids;
    this.#entries = new Int32Array(2 * this.#entries.length).fill(NONE);
    for (let number = 0; number < this.#count; ++number) {
      this.#entries[this.#indexOf(ids[number]!)] = number;
    }
  }
}

const scratch = new BigInt64Array(1);
const scratchHalves = new Int32Array(scratch.buffer);

/** Which of `parts` an id belongs to: the same everywhere, and independent of its entry above. */
export function partOf(id: bigint, parts: number): number {
  scratch[0] = id;
  return (mixed(scratchHalves[1]!, scratchHalves[0]! ^ 0x5bd1e995) >>> 0) % parts;
}

/** The finaliser of MurmurHash3 over both halves. */
function mixed(low: number, high: number): number {
  let hash = Math.imul(low, 0x85ebca6b) ^ Math.imul(high, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
