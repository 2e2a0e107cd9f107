/**
 * Scores as whole numbers of 64 bits in the same order. As numbers, subnormal ones would be zeros wherever other
 * code of the process has told the processor to flush them.
 */

/** Appended one by one, in memory that doubles as it grows. */
export class ScoreKeys {
  #keys: BigInt64Array;
  /** The same memory: of each key the lower half, then the upper one. */
  #words: Int32Array;
  #length = 0;

  constructor(capacity = 16) {
    this.#keys = new BigInt64Array(Math.max(capacity, 1));
    this.#words = new Int32Array(this.#keys.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** @param score any number but NaN. */
  push(score: number): void {
    number[0] = score;
    this.#pushBits(numberWords[0]!, numberWords[1]!);
  }

  /** @param bits of a float32 that is not NaN. */
  pushFloat32(bits: number): void {
    if ((bits & FLOAT32_EXPONENT) === 0) {
      number[0] = (bits & FLOAT32_FRACTION) * FLOAT32_STEP;
      this.#pushBits(numberWords[0]!, numberWords[1]! | (bits & SIGN));
    } else {
      float32Bits[0] = bits;
      this.push(float32[0]!);
    }
  }

  pushFrom(other: ScoreKeys, index: number): void {
    this.#place(other.#words[2 * index]!, other.#words[2 * index + 1]!);
  }

  /** Ascending, where they are. */
  sort(): this {
    this.#keys.subarray(0, this.#length).sort();
    return this;
  }

  /** Below zero where the one here is less, above where it is more. */
  compare(index: number, other: ScoreKeys, otherIndex: number): number {
    const high = this.#words[2 * index + 1]! - other.#words[2 * otherIndex + 1]!;
    if (high !== 0) return high;
    return (this.#words[2 * index]! >>> 0) - (other.#words[2 * otherIndex]! >>> 0);
  }

  /** Of two negative numbers the lower one has the larger bits; zeros are one. */
  #pushBits(low: number, high: number): void {
    if (high === SIGN && low === 0) this.#place(0, 0);
    else if (high < 0) this.#place(~low, high ^ ~SIGN);
    else this.#place(low, high);
  }

  #place(low: number, high: number): void {
    if (this.#length === this.#keys.length) {
      const grown = new BigInt64Array(2 * this.#length);
      grown.set(this.#keys);
      this.#keys = grown;
      this.#words = new Int32Array(grown.buffer);
    }
    this.#words[2 * this.#length] = low;
    this.#words[2 * this.#length + 1] = high;
    this.#length += 1;
  }
}

const SIGN = -0x80000000;
const FLOAT32_EXPONENT = 0x7f800000;
const FLOAT32_FRACTION = 0x007fffff;
/** The least float32 above zero. */
const FLOAT32_STEP = 2 ** -149;

const number = new Float64Array(1);
const numberWords = new Int32Array(number.buffer);
const float32 = new Float32Array(1);
const float32Bits = new Int32Array(float32.buffer);
