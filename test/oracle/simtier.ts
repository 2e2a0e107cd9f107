/**
 * SimTier from its definition: how many similarities fall into each tier, as log(1 + count) · weight.
 *
 * The tier is ceil(r / eps) + round(1 / eps) in float32, as released: multiplied by 1 / eps, which is
 * rounded first. It decides on which side an edge falls, so it is part of the definition.
 */

export function tierOf(similarity: number, eps: number): number {
  const inverse = Math.fround(1 / Math.fround(eps));
  return Math.ceil(Math.fround(similarity * inverse)) + Math.round(inverse);
}

/** Tiers that similarities within [−1, 1] can fall into. */
export const leastTiers = (eps: number): number => tierOf(1, eps) + 1;

/** −Infinity is an empty place, counted nowhere. */
export function simTierOf(
  similarities: ArrayLike<number>,
  weights: ArrayLike<number>,
  eps: number,
): Float64Array {
  const counts = new Float64Array(weights.length);
  for (const similarity of Array.from(similarities)) {
    if (similarity !== Number.NEGATIVE_INFINITY) counts[tierOf(similarity, eps)]! += 1;
  }
  return counts.map((count, tier) => Math.log1p(count) * (weights[tier] as number));
}
