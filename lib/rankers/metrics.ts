/** Ranking quality: AUC over everything, and GAUC, the mean of the users' own (MUSE, arXiv 2512.07216). */

import { codedError, mustBe } from '../support/errors.js';
import { requireAttached, tagOf } from '../tables/views.js';

/** Scores: any order-preserving numbers, larger for what is likelier clicked. NaN is refused. */
export type Scores = Float32Array | Float64Array | readonly number[];

/** One for each score: 1 or true for clicked, 0 or false for not. */
export type Labels = Uint8Array | Int8Array | readonly number[] | readonly boolean[];

/**
 * The probability that a clicked sample scores above one that was not, a tie counting half.
 *
 * Exact: pairs are counted, not thresholds sampled. Infinities are scores like others.
 *
 * @returns NaN unless both labels occur.
 * @throws ERR_KLEIO_SHAPE (lengths differ), ERR_KLEIO_RANGE (a label that is not 0 or 1),
 * ERR_KLEIO_NOT_FINITE (a score that is NaN), ERR_KLEIO_ARGUMENT.
 * @example
 * ```ts
 * import { auc } from 'kleio';
 *
 * // Of the four pairs, three are in order and one ties.
 * console.log(auc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])); // 0.875
 * ```
 */
export function auc(scores: Scores, labels: Labels): number {
  return new Auc().add(scores, labels).value();
}

/**
 * AUC within each user, averaged with the users' numbers of samples as weights. Users with one label
 * alone have no AUC and no weight.
 *
 * @param users one id for each score; samples of a user may stand anywhere.
 * @returns NaN unless some user has both labels.
 * @throws as {@link auc}.
 * @example
 * ```ts
 * import { gauc } from 'kleio';
 *
 * const users = BigInt64Array.of(7n, 7n, 8n, 8n, 8n, 9n);
 * const scores = Float32Array.of(0.9, 0.2, 0.3, 0.7, 0.5, 0.6);
 * const labels = [1, 0, 1, 0, 0, 1];
 * console.log(gauc(users, scores, labels)); // (2 · 1 + 3 · 0) / 5 = 0.4: user 9 has no sample unclicked
 * ```
 */
export function gauc(
  users: BigInt64Array | readonly (bigint | number | string)[],
  scores: Scores,
  labels: Labels,
): number {
  requireSamples(scores, labels);
  if (users.length !== scores.length) throw lengthsDiffer('users', users.length, scores.length);
  const samples = new Map<bigint | number | string, LabelledScores>();
  const bits = new ScoreBits(scores);
  for (const [index, user] of users.entries()) {
    let own = samples.get(user);
    if (own === undefined) {
      own = new LabelledScores();
      samples.set(user, own);
    }
    own.push(bits.read(index), labels[index]!);
  }
  const mean = new UserMean();
  for (const own of samples.values()) mean.add(own.auc(), own.samples);
  return mean.value();
}

/**
 * {@link auc} of samples that come little by little. Keeps 8 bytes a sample: an exact value needs every
 * score.
 *
 * @example
 * ```ts
 * import { Auc } from 'kleio';
 *
 * const quality = new Auc();
 * quality.add(Float32Array.of(0.9, 0.1), [1, 0]);
 * quality.add(Float32Array.of(0.4, 0.4), [1, 0]);
 * console.log(quality.samples, quality.value()); // 4 0.875
 * ```
 */
export class Auc {
  readonly #scores = new LabelledScores();

  get samples(): number {
    return this.#scores.samples;
  }

  get clicked(): number {
    return this.#scores.clicked.length;
  }

  /** Takes all of these samples or, when it throws, none. */
  add(scores: Scores, labels: Labels): this {
    requireSamples(scores, labels);
    const bits = new ScoreBits(scores);
    for (let index = 0; index < scores.length; ++index) {
      this.#scores.push(bits.read(index), labels[index]!);
    }
    return this;
  }

  /** NaN while one of the labels has not occurred. */
  value(): number {
    return this.#scores.auc();
  }
}

/**
 * {@link gauc} of users that come one by one. Keeps two numbers, whatever the number of users.
 *
 * @example
 * ```ts
 * import { Gauc } from 'kleio';
 *
 * const quality = new Gauc();
 * quality.add([0.9, 0.2], [1, 0]); //         one user: AUC 1
 * quality.add([0.3, 0.7, 0.5], [1, 0, 0]); // another: AUC 0
 * quality.add([0.6], [1]); //                 a third, without an AUC
 * console.log(quality.users, quality.value()); // 2 0.4
 * ```
 */
export class Gauc {
  readonly #mean = new UserMean();

  /** Users that had both labels. */
  get users(): number {
    return this.#mean.users;
  }

  /**
   * Takes all samples of one user.
   *
   * @returns this user's AUC; NaN, which is not counted, unless both labels occur.
   */
  add(scores: Scores, labels: Labels): number {
    const own = auc(scores, labels);
    this.#mean.add(own, scores.length);
    return own;
  }

  /** NaN while no user had both labels. */
  value(): number {
    return this.#mean.value();
  }
}

/** The mean of users' AUC, each weighing as much as it has samples; NaN has no weight. */
class UserMean {
  users = 0;
  #samples = 0;
  #weighted = 0;

  add(own: number, samples: number): void {
    if (Number.isNaN(own)) return;
    this.users += 1;
    this.#samples += samples;
    this.#weighted += samples * own;
  }

  value(): number {
    return this.#weighted / this.#samples;
  }
}

/** Scores by their label. */
class LabelledScores {
  readonly clicked = new Column();
  readonly #unclicked = new Column();

  get samples(): number {
    return this.clicked.length + this.#unclicked.length;
  }

  push(score: ScoreBits, label: number | boolean): void {
    (label ? this.clicked : this.#unclicked).push(score);
  }

  auc(): number {
    return pairsInOrder(this.clicked.sorted(), this.#unclicked.sorted());
  }
}

/** Scores appended one by one, as whole numbers in their order, doubling their memory as they grow. */
class Column {
  #keys = new BigInt64Array(16);
  #words = new Int32Array(this.#keys.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bits: ScoreBits): void {
    if (this.#length === this.#keys.length) {
      const grown = new BigInt64Array(2 * this.#length);
      grown.set(this.#keys);
      this.#keys = grown;
      this.#words = new Int32Array(grown.buffer);
    }
    const at = 2 * this.#length++;
    const { low, high } = bits;
    // Of negative numbers the larger bits are the lower score; of zeros there is one.
    this.#words[at] = high < 0 ? ~low : low;
    this.#words[at + 1] = high < 0 ? high ^ 0x7fffffff : high;
    if (high === -0x80000000 && low === 0) this.#words.fill(0, at, at + 2);
  }

  /** Sorted where they are: the order in which they came matters to nobody. */
  sorted(): SortedKeys {
    this.#keys.subarray(0, this.#length).sort();
    return { words: this.#words, length: this.#length };
  }
}

/** Whole numbers of 64 bits, ascending: the lower word of each, then the upper one. */
interface SortedKeys {
  readonly words: Int32Array;
  readonly length: number;
}

/**
 * The bits of scores as float64. As numbers, subnormal ones would be zeros wherever other code of the process
 * has told the processor to flush them.
 */
class ScoreBits {
  readonly #number = new Float64Array(1);
  readonly #words = new Int32Array(this.#number.buffer);
  readonly #scores: Scores;
  readonly #bits: Int32Array | undefined;

  constructor(scores: Scores) {
    this.#scores = scores;
    if (tagOf(scores) !== 'Float32Array') return;
    const { buffer, byteOffset, length } = scores as Float32Array;
    this.#bits = new Int32Array(buffer, byteOffset, length);
  }

  read(index: number): this {
    const bits = this.#bits?.[index] ?? NORMAL;
    const subnormal = (bits & FLOAT32_EXPONENT) === 0;
    this.#number[0] = subnormal ? (bits & FLOAT32_FRACTION) * FLOAT32_STEP : this.#scores[index]!;
    if (subnormal && bits < 0) this.#words[1]! |= -0x80000000;
    return this;
  }

  get low(): number {
    return this.#words[0]!;
  }

  get high(): number {
    return this.#words[1]!;
  }
}

const FLOAT32_EXPONENT = 0x7f800000;
const FLOAT32_FRACTION = 0x007fffff;
/** The least number above zero. */
const FLOAT32_STEP = 2 ** -149;
/** Bits of a score that is read as the number it is. */
const NORMAL = FLOAT32_EXPONENT;

/** Both ascending. Counts in halves, so that sums stay whole numbers: exact up to 2^52 pairs. */
function pairsInOrder(clicked: SortedKeys, unclicked: SortedKeys): number {
  let halves = 0;
  let below = 0;
  let upTo = 0;
  for (let index = 0; index < clicked.length; ++index) {
    while (below < unclicked.length && order(unclicked, below, clicked, index) < 0) ++below;
    while (upTo < unclicked.length && order(unclicked, upTo, clicked, index) <= 0) ++upTo;
    halves += below + upTo;
  }
  return halves / (2 * clicked.length * unclicked.length);
}

/** Below zero where the first is less, above where it is more. */
function order(a: SortedKeys, atA: number, b: SortedKeys, atB: number): number {
  const high = a.words[2 * atA + 1]! - b.words[2 * atB + 1]!;
  if (high !== 0) return high;
  return (a.words[2 * atA]! >>> 0) - (b.words[2 * atB]! >>> 0);
}

function requireSamples(scores: Scores, labels: Labels): void {
  requireNumbers('scores', scores);
  requireNumbers('labels', labels);
  if (labels.length !== scores.length) {
    throw lengthsDiffer('labels', labels.length, scores.length);
  }
  for (let index = 0; index < scores.length; ++index) {
    const score = scores[index]!;
    if (typeof score !== 'number' || Number.isNaN(score)) {
      throw mustBe('ERR_KLEIO_NOT_FINITE', `scores[${index}]`, 'a number', score);
    }
    const label: unknown = labels[index];
    if (label !== 0 && label !== 1 && typeof label !== 'boolean') {
      throw mustBe('ERR_KLEIO_RANGE', `labels[${index}]`, '0 or 1', label);
    }
  }
}

function requireNumbers(name: string, values: Scores | Labels): void {
  if (Array.isArray(values)) return;
  if (tagOf(values) === undefined) {
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an array or a typed array', values);
  }
  requireAttached(name, values);
}

function lengthsDiffer(name: string, actual: number, expected: number): Error {
  return codedError(
    'ERR_KLEIO_SHAPE',
    `${name}.length must be ${expected}, one for each score; got ${actual}`,
  );
}
