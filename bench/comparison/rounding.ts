/**
 * Which candidates' answers hang on the last bits of a cosine or a logit: where two correct programs may
 * disagree.
 */

import { ExactScores, type Numbers } from '../../lib/bench/harness/exact.js';
import type { Kept } from '../../lib/index.js';
import type { ReleasedUser } from './released-user.js';

/** Two sums of the same products in float32 differ by less. */
const CLOSE = 1e-6;
/** Of the larger logit. A mean of both in float32 is off by an ulp of it, which is 1e-5 of so small a gap. */
const CLOSE_LOGITS = 2e-3;
const TIERS_PER_UNIT = 10;
/** Behaviours that the short sequence holds. */
const SHORT = 50;

export interface RoundingQuestion {
  /** Of k + 1 places a candidate: the last two show whether rounding decides who is the k-th. */
  readonly kept: Kept;
  /** Two for each candidate. */
  readonly logits: readonly Float64Array[];
  readonly user: ReleasedUser;
  readonly similarityValues: Numbers;
}

/** Whether a similarity lies so near the edge of a SimTier that rounding decides its tier. */
function atTierEdge(similarity: number): boolean {
  const inTiers = similarity * TIERS_PER_UNIT;
  return Math.abs(inTiers - Math.round(inTiers)) < CLOSE * TIERS_PER_UNIT;
}

function closeLogits([a, b]: Float64Array): boolean {
  return Math.abs(a! - b!) < CLOSE_LOGITS * Math.max(Math.abs(a!), Math.abs(b!));
}

/** For each candidate. */
export function hangOnRounding({
  kept,
  logits,
  user,
  similarityValues,
}: RoundingQuestion): boolean[] {
  const { dim, length } = user;
  const newest = similarityValues.subarray((length - SHORT) * dim, length * dim);
  const short = new ExactScores(newest, dim);
  return Array.from({ length: kept.count }, (_, candidate) => {
    const scores = kept.scores.subarray(candidate * kept.k, (candidate + 1) * kept.k);
    const [kth, next] = [...scores.slice(-2)] as [number, number];
    const at = (length + candidate) * dim;
    const target = similarityValues.subarray(at, at + dim);
    const shortScores = Array.from({ length: SHORT }, (_, row) => short.score(target, row));
    return (
      kth - next < CLOSE ||
      [...scores, ...shortScores].some(atTierEdge) ||
      closeLogits(logits[candidate]!)
    );
  });
}
