/** Ranking quality: AUC over everything, and GAUC, the mean of the users' own (MUSE, arXiv 2512.07216). */

import { codedError, mustBe } from '../support/errors.js';
import { printWith } from '../support/printed.js';
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
  const samples = new Map<bigint | number | string, { scores: number[]; labels: number[] }>();
  for (const [index, user] of users.entries()) {
    let own = samples.get(user);
    if (own === undefined) {
      own = { scores: [], labels: [] };
      samples.set(user, own);
    }
    own.scores.push(scores[index]!);
    own.labels.push(Number(labels[index]));
  }
  const mean = new Gauc();
  for (const own of samples.values()) mean.add(own.scores, own.labels);
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
  readonly #clicked = new Column();
  readonly #unclicked = new Column();

  get samples(): number {
    return this.#clicked.length + this.#unclicked.length;
  }

  get clicked(): number {
    return this.#clicked.length;
  }

  /** Takes all of these samples or, when it throws, none. */
  add(scores: Scores, labels: Labels): this {
    requireSamples(scores, labels);
    for (let index = 0; index < scores.length; ++index) {
      (labels[index] ? this.#clicked : this.#unclicked).push(scores[index]!);
    }
    return this;
  }

  /** NaN while one of the labels has not occurred. */
  value(): number {
    return pairsInOrder(this.#clicked.sorted(), this.#unclicked.sorted());
  }

  static {
    printWith(Auc.prototype, 'Auc', ['samples', 'clicked']);
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
  #users = 0;
  #samples = 0;
  #weighted = 0;

  /** Users that had both labels. */
  get users(): number {
    return this.#users;
  }

  /**
   * Takes all samples of one user.
   *
   * @returns this user's AUC; NaN, which is not counted, unless both labels occur.
   */
  add(scores: Scores, labels: Labels): number {
    const own = auc(scores, labels);
    if (!Number.isNaN(own)) {
      this.#users += 1;
      this.#samples += scores.length;
      this.#weighted += scores.length * own;
    }
    return own;
  }

  /** NaN while no user had both labels. */
  value(): number {
    return this.#weighted / this.#samples;
  }

  static {
    printWith(Gauc.prototype, 'Gauc', ['users']);
  }
}

/** Numbers appended one by one, doubling their memory as they grow. */
class Column {
  #values = new Float64Array(16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** Sorted where they are: the order in which they came matters to nobody. */
  sorted(): Float64Array {
    return this.#values.subarray(0, this.#length).sort();
  }
}

/** Both ascending. Counts in halves, so that sums stay whole numbers: exact up to 2^52 pairs. */
function pairsInOrder(clicked: Float64Array, unclicked: Float64Array): number {
  let halves = 0;
  let below = 0;
  let upTo = 0;
  for (const score of clicked) {
    while (below < unclicked.length && unclicked[below]! < score) ++below;
    while (upTo < unclicked.length && unclicked[upTo]! <= score) ++upTo;
    halves += below + upTo;
  }
  return halves / (2 * clicked.length * unclicked.length);
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
