/** Candidates in the order of their click probability, and what made it. */

import type { History, Ranker } from '../index.js';
import { type Influence, Influences } from './influence.js';
import type { RankedUser } from './ranked-user.js';

export interface RankedCandidate {
  readonly item: bigint;
  readonly category: bigint;
  readonly probability: number;
  /** Kept items whose absence would change the probability most. */
  readonly mattered: readonly Influence[];
}

/** Behaviours that are named for each candidate. */
const NAMED = 3;

/** The `most` likeliest clicked. */
export function likeliest(
  probabilities: Float32Array,
  most: number,
  ranker: Ranker,
  user: RankedUser,
  history: History,
): RankedCandidate[] {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
  const influences = new Influences(ranker, user, history);
  return order.slice(0, most).map((index) => ({
    item: user.candidates.items[index]!,
    category: user.candidates.categories[index]!,
    probability: probabilities[index]!,
    mattered: influences.on(index).slice(0, NAMED),
  }));
}
