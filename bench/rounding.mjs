// Which candidates' answers hang on the last bits of a cosine or a logit: where two correct programs may
// disagree.
import { ExactCosine } from './exact.mjs';

/** Two sums of the same products in float32 differ by less. */
const CLOSE = 1e-6;
/** Of the larger logit. A mean of both in float32 is off by an ulp of it, which is 1e-5 of so small a gap. */
const CLOSE_LOGITS = 2e-3;
const TIERS_PER_UNIT = 10;
/** Behaviours that the short sequence holds. */
const SHORT = 50;

/** Whether a similarity lies so near the edge of a SimTier that rounding decides its tier. */
function atTierEdge(similarity) {
  const inTiers = similarity * TIERS_PER_UNIT;
  return Math.abs(inTiers - Math.round(inTiers)) < CLOSE * TIERS_PER_UNIT;
}

const closeLogits = ([a, b]) => Math.abs(a - b) < CLOSE_LOGITS * Math.max(Math.abs(a), Math.abs(b));

/**
 * @param kept of k + 1 places a candidate: the last two show whether rounding decides who is the k-th
 * @returns {boolean[]} per candidate
 */
export function hangOnRounding({ kept, logits, user, similarityValues }) {
  const { dim, length } = user;
  const newest = similarityValues.subarray((length - SHORT) * dim, length * dim);
  const short = new ExactCosine(newest, dim);
  return Array.from({ length: kept.count }, (_, candidate) => {
    const scores = kept.scores.subarray(candidate * kept.k, (candidate + 1) * kept.k);
    const [kth, next] = scores.slice(-2);
    const at = (length + candidate) * dim;
    const target = similarityValues.subarray(at, at + dim);
    const shortScores = Array.from({ length: SHORT }, (_, row) => short.score(target, row));
    return (
      kth - next < CLOSE ||
      [...scores, ...shortScores].some(atTierEdge) ||
      closeLogits(logits[candidate])
    );
  });
}
