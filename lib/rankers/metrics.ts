/** Ranking quality: AUC over everything, and GAUC, the mean of the users' own (MUSE, arXiv 2512.07216). */

import { codedError, mustBe, reading } from '../support/errors.js';
import { foreignReceiver, isObject, keepInThread } from '../support/handles.js';
import { allocated } from '../support/memory.js';
import { printWith } from '../support/printed.js';
import { float32BitsOf, lengthOf, requireAttached, tagOf } from '../tables/views.js';
import { ScoreKeys } from './score-keys.js';

/** Scores: any order-preserving numbers, larger for what is likelier clicked. NaN is refused. */
export type Scores = Float32Array | Float64Array | readonly number[];

/** One for each score: 1 or true for clicked, 0 or false for not. */
export type Labels = Uint8Array | Int8Array | readonly number[] | readonly boolean[];

type User = bigint | number | string;

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
  users: BigInt64Array | readonly User[],
  scores: Scores,
  labels: Labels,
): number {
  return reading('samples', () => meanOverUsers(users, scores, labels));
}

function meanOverUsers(
  users: BigInt64Array | readonly User[],
  scores: Scores,
  labels: Labels,
): number {
  const given = samplesOf(scores, labels);
  const ids = usersOf(users, given.scores.length);
  const samples = new Map<User, ScoresByLabel>();
  for (const [index, user] of ids.entries()) {
    let own = samples.get(user);
    if (own === undefined) {
      own = { clicked: new ScoreKeys(1), unclicked: new ScoreKeys(1) };
      samples.set(user, own);
    }
    pushSample(own, given, index);
  }
  const sums = { users: 0, samples: 0, weighted: 0 };
  for (const own of samples.values()) addUser(sums, own);
  return sums.weighted / sums.samples;
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
  readonly #columns: ScoresByLabel = { clicked: new ScoreKeys(), unclicked: new ScoreKeys() };

  constructor() {
    keepInThread(this, 'Auc');
  }

  get samples(): number {
    const { clicked, unclicked } = Auc.#columnsOf(this);
    return clicked.length + unclicked.length;
  }

  get clicked(): number {
    return Auc.#columnsOf(this).clicked.length;
  }

  /** Takes all of these samples or, when it throws, none. */
  add(scores: Scores, labels: Labels): this {
    const columns = Auc.#columnsOf(this);
    const given = samplesOf(scores, labels);
    for (let index = 0; index < given.scores.length; ++index) pushSample(columns, given, index);
    return this;
  }

  /** NaN while one of the labels has not occurred. */
  value(): number {
    return aucOf(Auc.#columnsOf(this));
  }

  static #columnsOf(receiver: unknown): ScoresByLabel {
    if (isObject(receiver) && #columns in receiver) return receiver.#columns;
    throw foreignReceiver('Auc', receiver);
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
  readonly #sums: UserSums = { users: 0, samples: 0, weighted: 0 };

  constructor() {
    keepInThread(this, 'Gauc');
  }

  /** Users that had both labels. */
  get users(): number {
    return Gauc.#sumsOf(this).users;
  }

  /**
   * Takes all samples of one user.
   *
   * @returns this user's AUC; NaN, which is not counted, unless both labels occur.
   */
  add(scores: Scores, labels: Labels): number {
    const sums = Gauc.#sumsOf(this);
    const given = samplesOf(scores, labels);
    const own = { clicked: new ScoreKeys(), unclicked: new ScoreKeys() };
    for (let index = 0; index < given.scores.length; ++index) pushSample(own, given, index);
    return addUser(sums, own);
  }

  /** NaN while no user had both labels. */
  value(): number {
    const { weighted, samples } = Gauc.#sumsOf(this);
    return weighted / samples;
  }

  static #sumsOf(receiver: unknown): UserSums {
    if (isObject(receiver) && #sums in receiver) return receiver.#sums;
    throw foreignReceiver('Gauc', receiver);
  }

  static {
    printWith(Gauc.prototype, 'Gauc', ['users']);
  }
}

interface ScoresByLabel {
  readonly clicked: ScoreKeys;
  readonly unclicked: ScoreKeys;
}

function pushSample({ clicked, unclicked }: ScoresByLabel, given: Samples, index: number): void {
  (given.labels[index] === 1 ? clicked : unclicked).pushFrom(given.scores, index);
}

function aucOf({ clicked, unclicked }: ScoresByLabel): number {
  return pairsInOrder(clicked.sort(), unclicked.sort());
}

interface UserSums {
  users: number;
  samples: number;
  weighted: number;
}

/** The user's AUC; one without has no weight. */
function addUser(sums: UserSums, own: ScoresByLabel): number {
  const value = aucOf(own);
  if (!Number.isNaN(value)) {
    const samples = own.clicked.length + own.unclicked.length;
    sums.users += 1;
    sums.samples += samples;
    sums.weighted += samples * value;
  }
  return value;
}

/** Both ascending. Counts in halves, so that sums stay whole numbers: exact up to 2^52 pairs. */
function pairsInOrder(clicked: ScoreKeys, unclicked: ScoreKeys): number {
  let halves = 0;
  let below = 0;
  let upTo = 0;
  for (let index = 0; index < clicked.length; ++index) {
    while (below < unclicked.length && unclicked.compare(below, clicked, index) < 0) ++below;
    while (upTo < unclicked.length && unclicked.compare(upTo, clicked, index) <= 0) ++upTo;
    halves += below + upTo;
  }
  return halves / (2 * clicked.length * unclicked.length);
}

/** Checked samples in memory of our own: what is checked is what is counted. */
interface Samples {
  readonly scores: ScoreKeys;
  /** 1: clicked. */
  readonly labels: Uint8Array;
}

function samplesOf(scores: Scores, labels: Labels): Samples {
  const count = lengthOfList('scores', scores);
  const labelled = lengthOfList('labels', labels);
  if (labelled !== count) throw lengthsDiffer('labels', labelled, count);
  const samples = allocated('the samples', () => {
    return { scores: new ScoreKeys(count), labels: new Uint8Array(count) };
  });
  reading('samples', () => {
    const bits = float32BitsOf(scores);
    for (let index = 0; index < count; ++index) {
      const score = checkedScore(scores[index], index);
      if (bits === undefined) samples.scores.push(score);
      else samples.scores.pushFloat32(bits[index]!);
      samples.labels[index] = checkedLabel(labels[index], index);
    }
  });
  return samples;
}

function checkedScore(score: unknown, index: number): number {
  if (typeof score === 'number' && !Number.isNaN(score)) return score;
  throw mustBe('ERR_KLEIO_NOT_FINITE', `scores[${index}]`, 'a number', score);
}

function checkedLabel(label: unknown, index: number): number {
  if (label === 0 || label === 1 || typeof label === 'boolean') return Number(label);
  throw mustBe('ERR_KLEIO_RANGE', `labels[${index}]`, '0 or 1', label);
}

function usersOf(users: BigInt64Array | readonly User[], samples: number): User[] {
  const count = lengthOfList('users', users);
  if (count !== samples) throw lengthsDiffer('users', count, samples);
  return reading('users', () => Array.from({ length: count }, (_, index) => users[index]!));
}

/** Elements of an array or a typed array. */
function lengthOfList(
  name: string,
  list: Scores | Labels | BigInt64Array | readonly User[],
): number {
  if (tagOf(list) !== undefined) {
    requireAttached(name, list);
    return lengthOf(list);
  }
  return reading(name, () => {
    if (Array.isArray(list)) return list.length;
    throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an array or a typed array', list);
  });
}

function lengthsDiffer(name: string, actual: number, expected: number): Error {
  return codedError(
    'ERR_KLEIO_SHAPE',
    `${name}.length must be ${expected}, one for each score; got ${actual}`,
  );
}
