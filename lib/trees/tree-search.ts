/** What a search of a tree may ask and what it answers; checked and put into the binary's words. */

import { LISTS_CODES } from '../binding/contract/codes.js';
import type {
  NativeBeamLevel,
  NativeRetrieved,
  NativeTreeSearch,
} from '../binding/contract/native-tree.js';
import { type History, searchedHistoryOf } from '../histories/history.js';
import { type CallersSignal, signalOf } from '../support/abort.js';
import { mustBe, reading } from '../support/errors.js';
import { MAX_COUNT, MAX_THREADS } from '../support/limits.js';
import {
  knownOptions,
  optionNames,
  requireBoolean,
  requireChoice,
  requireInteger,
} from '../support/options.js';
import { copyOf, requireBigInt64, requireFloat32, requireInt32 } from '../tables/views.js';
import { nativeTreeScorerOf, type TreeScorer } from './tree-scorer.js';

/** Which lists of behaviours are filled for a node; the others contribute nothing. */
export type TreeLists = keyof typeof LISTS_CODES;

export interface TreeSearch {
  /** Default: the inner product of `user` with the mean of each node's items. */
  readonly scorer?: TreeScorer | undefined;
  /** The user's behaviours, over a table of the tree's dimension and dtype; for scorers that read them. */
  readonly history?: History | undefined;
  /**
   * Finite; `scorer.userWidth` elements, or the tree's `dim` without a scorer. Default: none.
   */
  readonly user?: Float32Array | undefined;
  /** B, nodes kept on a level, at least 1; `Infinity` scores every leaf. */
  readonly beam: number;
  /** Most items to return, at least 1. */
  readonly n: number;
  /** Level whose nodes are scored first; 0 is the root. Default: the first with more than B nodes. */
  readonly startLevel?: number | undefined;
  /** Ids of the only items to return; unknown ones are passed over. Default: all. */
  readonly allow?: BigInt64Array | undefined;
  /** Ids of items never to return. Default: none. */
  readonly block?: BigInt64Array | undefined;
  /** Default `'both'`. */
  readonly lists?: TreeLists | undefined;
  /** Whether to return the levels. Default `false`. */
  readonly beams?: boolean | undefined;
  /** Most threads that may work on this search. Default: all of the pool. */
  readonly threads?: number | undefined;
  /** Stops the search: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The nodes that stayed in consideration on one level, by their numbers, and their logits: the leaves met
 * on it in ascending order, then the beam, best first. A number is the node's place in a file of the tree
 * as it is. The first level has the leaves that lie above it too.
 */
export type BeamLevel = Readonly<NativeBeamLevel>;

/** Where the time of a search went, in milliseconds; the rest is the beam itself. */
export interface TreeStages {
  /** The behaviours' keys and values, and the user's part of the MLP. */
  readonly prepareMs: number;
  readonly collaborativeMs: number;
  readonly multimodalMs: number;
  /** Attention over the lists, and the MLP. */
  readonly attendMs: number;
}

export interface Retrieved {
  /** Ids, best first, at most n; row numbers of the table where it has no ids. */
  readonly items: BigInt64Array;
  /** Of each item. */
  readonly logits: Float32Array;
  /** Nodes that were scored. */
  readonly scored: number;
  /** Of a scorer that reads histories; for others the beam is all that there is. */
  readonly stages?: TreeStages;
  /** From the first level that was scored down, where asked for. */
  readonly levels?: readonly BeamLevel[];
}

/** A checked search. */
export interface TreeSearchPlan {
  readonly call: NativeTreeSearch;
  readonly beams: boolean;
  readonly signal: CallersSignal | undefined;
}

const SEARCH_OPTIONS = optionNames('tree searches', [
  'scorer',
  'history',
  'user',
  'beam',
  'n',
  'startLevel',
  'allow',
  'block',
  'lists',
  'beams',
  'threads',
  'signal',
]);

const FIRST_WIDE_LEVEL = -1;

export function planTreeSearch(search: TreeSearch): TreeSearchPlan {
  return reading(SEARCH_OPTIONS.what, () => plannedTreeSearch(search));
}

function plannedTreeSearch(search: TreeSearch): TreeSearchPlan {
  const known = knownOptions(search, SEARCH_OPTIONS);
  const { scorer, history, user = new Float32Array(), beam, n, startLevel, signal } = known;
  const { allow, block, lists = 'both', beams = false, threads } = known;
  requireFloat32('user', user);
  if (beam !== Number.POSITIVE_INFINITY) requireInteger('beam', beam, 1, MAX_COUNT);
  requireInteger('n', n, 1, MAX_COUNT);
  if (startLevel !== undefined) requireInteger('startLevel', startLevel, 0, MAX_COUNT);
  if (allow !== undefined) requireBigInt64('allow', allow);
  if (block !== undefined) requireBigInt64('block', block);
  requireChoice('lists', lists, LISTS_CODES);
  requireBoolean('beams', beams);
  if (threads !== undefined) requireInteger('threads', threads, 1, MAX_THREADS);
  const call: NativeTreeSearch = [
    history === undefined ? undefined : searchedHistoryOf(history).native,
    scorer === undefined ? undefined : nativeTreeScorerOf(scorer),
    user,
    LISTS_CODES[lists],
    Math.min(beam, MAX_COUNT),
    n,
    startLevel ?? FIRST_WIDE_LEVEL,
    allow,
    block,
    beams,
    threads ?? 0,
  ];
  return { call, beams, signal: signalOf(signal) };
}

export function retrieved(native: NativeRetrieved, beams: boolean): Retrieved {
  const { items, logits, scored, times, levels } = native;
  return {
    items,
    logits,
    scored,
    ...(times === undefined ? {} : { stages: stagesOf(times) }),
    ...(beams ? { levels } : {}),
  };
}

function stagesOf(times: Float64Array): TreeStages {
  const [prepareMs, collaborativeMs, multimodalMs, attendMs] = Array.from(
    times,
    (microseconds) => microseconds / 1000,
  ) as [number, number, number, number];
  return { prepareMs, collaborativeMs, multimodalMs, attendMs };
}

/** What a result says of its beams, for what measures them. */
export interface RetrievedBeams {
  readonly items: BigInt64Array;
  /** The number of the first level, and the nodes of each from there down. */
  readonly first: number;
  readonly nodes: readonly Int32Array[];
}

/** Reads a result that comes back from a caller. Throws where its search was not asked for the levels. */
export function requireBeams(result: Retrieved): RetrievedBeams {
  const expected = 'the result of a search with beams: true';
  return reading('retrieved', () => {
    const { levels, items } = Object(result) as Partial<Retrieved>;
    if (!Array.isArray(levels)) throw mustBe('ERR_KLEIO_ARGUMENT', 'retrieved', expected, result);
    requireBigInt64('retrieved.items', items);
    const beams = Array.from(levels as readonly BeamLevel[], (beam, index) => {
      const { level, nodes } = Object(beam) as BeamLevel;
      requireInteger(`retrieved.levels[${index}].level`, level, 0, MAX_COUNT);
      requireInt32(`retrieved.levels[${index}].nodes`, nodes);
      return { level, nodes: copyOf(nodes) };
    });
    const first = beams[0]?.level ?? MAX_COUNT;
    return { items: copyOf(items), first, nodes: beams.map(({ nodes }) => nodes) };
  });
}
