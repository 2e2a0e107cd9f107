/** Dense numbers for 64-bit ids, in the order of their first coming: 12 to 24 bytes each where a Map takes 100. */

const NONE = -1;

export class IdNumbers {
  #ids = new BigInt64Array(1024);
  /** Open addressing: the number of the id in a place, or NONE. Always a power of two, at most half full. */
  #places = new Int32Array(2048).fill(NONE);
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
    return this.#places[this.#placeOf(id)]!;
  }

  /** The number of this id, a new one if it is new. */
  add(id: bigint): number {
    const place = this.#placeOf(id);
    const known = this.#places[place]!;
    if (known !== NONE) return known;
    const number = this.#count++;
    this.#places[place] = number;
    this.#ids[number] = id;
    if (this.#count === this.#ids.length) this.#grow();
    return number;
  }

  #placeOf(id: bigint): number {
    const mask = this.#places.length - 1;
    let place = this.#hash(id) & mask;
    for (;;) {
      const number = this.#places[place]!;
      if (number === NONE || this.#ids[number] === id) return place;
      place = (place + 1) & mask;
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
    this.#places = new Int32Array(2 * this.#places.length).fill(NONE);
    for (let number = 0; number < this.#count; ++number) {
      this.#places[this.#placeOf(ids[number]!)] = number;
    }
  }
}

const scratch = new BigInt64Array(1);
const scratchHalves = new Int32Array(scratch.buffer);

/** Which of `parts` an id belongs to: the same everywhere, and independent of its place above. */
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
