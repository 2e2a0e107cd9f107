/** Dense numbers for 64-bit ids, in the order of their first coming: 12 to 24 bytes each where a Map takes 100. */

import { randomBytes } from 'node:crypto';

const NONE = -1;

/** Of this process: who does not know it cannot choose ids that all belong in one entry. */
const SECRET = new Int32Array(Uint8Array.from(randomBytes(8)).buffer);

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
    const low = finished(this.#halves[0]! ^ SECRET[0]!);
    return finished(low ^ this.#halves[1]! ^ SECRET[1]!);
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

function mixed(low: number, high: number): number {
  return finished(Math.imul(low, 0x85ebca6b) ^ Math.imul(high, 0xc2b2ae35));
}

/** The finaliser of MurmurHash3. */
function finished(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
