/** What a ranking may ask and what it answers; checked and put into the binary's words. */

import { EMPTY_PLACES_CODES, LIFELONG_CODES } from '../binding/contract/codes.js';
import type { NativeHistory } from '../binding/contract/native-history.js';
import type { NativeRanking } from '../binding/contract/native-ranker.js';
import { type BehaviourField, checkedFields } from '../histories/behaviour-fields.js';
import { type History, searchedHistoryOf } from '../histories/history.js';
import type { Kept } from '../histories/kept.js';
import type { EligibleOptions } from '../histories/search.js';
import { eligibleBy } from '../histories/search-plan.js';
import { type CallersSignal, signalOf } from '../support/abort.js';
import { mustBe, reading } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { MAX_KEPT, MAX_THREADS } from '../support/limits.js';
import {
  knownOptions,
  optionNames,
  requireBoolean,
  requireChoice,
  requireInteger,
} from '../support/options.js';
import { idsAsInt64, lengthOf, requireLength } from '../tables/views.js';

/**
 * How the lifelong behaviours of a candidate are chosen, in the words of `search({ by })`.
 *
 * - `cosine`: the K of largest cosine of the similarity table's rows: MUSE (arXiv 2512.07216).
 * - `category`: the K newest of the candidate's category: SIM-hard (arXiv 2006.05639).
 * - `learned-cosine`: the K of largest cosine of the model's learned item embeddings: SIM-soft
 *   (arXiv 2006.05639). For comparisons: it packs the whole history in every ranking, and does not stop at
 *   a `signal` before it has.
 * - `none`: none; only the recent behaviours count: DIN (arXiv 1706.06978).
 */
export type LifelongUnit = keyof typeof LIFELONG_CODES;

/**
 * What fills the places of a candidate for which fewer than K behaviours were kept, and of a history
 * with fewer recent behaviours than the model reads.
 *
 * - `release`: padding, as in the released model: it has embeddings and similarity 0, and counts in
 *   tiers, means and attention.
 * - `mask`: nothing.
 */
export type EmptyPlaces = keyof typeof EMPTY_PLACES_CODES;

export interface RankingOptions {
  /** Behaviours to keep for each candidate, 1 to 65536. Default: the model's `keep_top`. */
  readonly k?: number | undefined;
  /** Most threads that may work on one ranking. Default: all of the pool. */
  readonly threads?: number | undefined;
  /** Default `'release'`. */
  readonly emptyPlaces?: EmptyPlaces | undefined;
  /** Default `'cosine'`. */
  readonly lifelong?: LifelongUnit | undefined;
}

/** Ids as a model knows them; unknown ones have the embedding of padding. All of one length. */
export interface Candidates {
  readonly items: BigInt64Array;
  readonly categories: BigInt64Array | Int32Array;
  readonly cities: BigInt64Array | Int32Array;
  readonly provinces: BigInt64Array | Int32Array;
}

export interface RankRequest<Field extends BehaviourField = never>
  extends RankingOptions,
    EligibleOptions {
  /** Made by the same ranker: by its `history` or `buildHistory`, or by `History.fromBytes` or `onto` of it. */
  readonly history: History;
  /** Ids of the features `129_1`, `130_1`, `130_2`, `130_3`, `130_4`, `130_5`, in this order. */
  readonly user: BigInt64Array | Int32Array;
  readonly candidates: Candidates;
  /** What to tell of the behaviours in `kept`, as of `History.search`. Default: nothing beside positions and scores. */
  readonly fields?: readonly Field[] | undefined;
  /** Whether to return `interests`. Default `false`. */
  readonly interests?: boolean | undefined;
  /** Stops the ranking: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Ranking<Field extends BehaviourField = never> {
  /** `[candidates]`: probability of a click. */
  readonly probabilities: Float32Array;
  /**
   * What was kept of the history for each candidate. Scores are cosines of the similarity table; with
   * `category` and `learned-cosine`, which choose by something else, they are 0 where an item has no row in it.
   */
  readonly kept: Kept<Field>;
  /**
   * `[candidates, width]` where asked for: the lifelong interest of each candidate, SimTier of the kept
   * behaviours followed by their semantic-aware target attention.
   */
  readonly interests?: Float32Array;
}

/** Every option has its value; k 0 stands for the model's own. */
export type RankingDefaults = {
  readonly [Name in keyof RankingOptions]-?: NonNullable<RankingOptions[Name]>;
};

/** A checked ranking. */
export interface RankingPlan {
  readonly call: NativeRanking;
  readonly count: number;
  readonly k: number;
  readonly interests: boolean;
  readonly fields: readonly BehaviourField[];
  readonly history: NativeHistory;
  readonly signal: CallersSignal | undefined;
}

export const RANKING_OPTIONS = ['k', 'threads', 'emptyPlaces', 'lifelong'] as const;

export const DEFAULT_RANKING: RankingDefaults = {
  k: 0,
  threads: 0,
  emptyPlaces: 'release',
  lifelong: 'cosine',
};

const REQUEST_OPTIONS = optionNames('rank requests', [
  'history',
  'user',
  'candidates',
  'since',
  'until',
  'exclude',
  'fields',
  'interests',
  'signal',
  ...RANKING_OPTIONS,
]);
const CANDIDATE_PARTS = ['items', 'categories', 'cities', 'provinces'] as const;
const CANDIDATE_OPTIONS = optionNames('candidates', CANDIDATE_PARTS);

/** Checks the options and fills in what was left out. */
export function rankingDefaults(
  options: RankingOptions,
  defaults: RankingDefaults,
): RankingDefaults {
  const { k, threads, emptyPlaces, lifelong } = options;
  if (k !== undefined) requireInteger('k', k, 1, MAX_KEPT);
  if (threads !== undefined) requireInteger('threads', threads, 1, MAX_THREADS);
  if (emptyPlaces !== undefined) requireChoice('emptyPlaces', emptyPlaces, EMPTY_PLACES_CODES);
  if (lifelong !== undefined) requireChoice('lifelong', lifelong, LIFELONG_CODES);
  return {
    k: k ?? defaults.k,
    threads: threads ?? defaults.threads,
    emptyPlaces: emptyPlaces ?? defaults.emptyPlaces,
    lifelong: lifelong ?? defaults.lifelong,
  };
}

export function planRanking(
  request: RankRequest<BehaviourField>,
  defaults: RankingDefaults,
): RankingPlan {
  return reading(REQUEST_OPTIONS.what, () => plannedRanking(request, defaults));
}

function plannedRanking(
  request: RankRequest<BehaviourField>,
  defaults: RankingDefaults,
): RankingPlan {
  const known = knownOptions(request, REQUEST_OPTIONS);
  const { history, user, candidates, fields, interests = false, signal } = known;
  const { k, threads, emptyPlaces, lifelong } = rankingDefaults(known, defaults);
  requireBoolean('interests', interests);
  const { native, table } = searchedHistoryOf(history);
  const { since, until, exclude } = eligibleBy(table, known);
  const userIds = idsAsInt64('user', user);
  const [items, categories, cities, provinces] = candidateIds(candidates);
  return {
    call: [
      native,
      userIds,
      items,
      categories,
      cities,
      provinces,
      k,
      LIFELONG_CODES[lifelong],
      EMPTY_PLACES_CODES[emptyPlaces],
      threads,
      since,
      until,
      exclude,
    ],
    history: native,
    count: lengthOf(items),
    k,
    interests,
    fields: checkedFields(fields),
    signal: signalOf(signal),
  };
}

type CandidateIds = [BigInt64Array, BigInt64Array, BigInt64Array, BigInt64Array];

function candidateIds(candidates: Candidates): CandidateIds {
  if (!isObject(candidates)) {
    throw mustBe('ERR_KLEIO_ARGUMENT', 'candidates', 'an object of ids', candidates);
  }
  const known = knownOptions(candidates, CANDIDATE_OPTIONS);
  const ids = CANDIDATE_PARTS.map((part) => idsAsInt64(`candidates.${part}`, known[part]));
  for (const [index, part] of CANDIDATE_PARTS.entries()) {
    requireLength(`candidates.${part}`, lengthOf(ids[index]!), lengthOf(ids[0]!), 'item');
  }
  return ids as CandidateIds;
}
