/** SimTier: the histogram of similarities as features. */

import { binding } from '../binding/binary.js';
import { float32Results } from '../histories/result-arrays.js';
import { mustBe, reading } from '../support/errors.js';
import { MAX_COUNT, MAX_TIER_WIDTH, MIN_TIER_WIDTH } from '../support/limits.js';
import { knownOptions, optionNames, requireInteger, requireNumber } from '../support/options.js';
import { lengthOf, requireFloat32, rowsIn } from '../tables/views.js';

export interface SimTierOptions {
  /** Behaviours of a target. */
  readonly k: number;
  /** `[tiers]`: what each tier's count is multiplied with. */
  readonly weights: Float32Array;
  /** Width of a tier, 1e-6 to 2. Default 0.1. */
  readonly eps?: number | undefined;
}

const OPTION_NAMES = optionNames('simTier options', ['k', 'weights', 'eps']);

/**
 * Counts the scores of each target by tier: feature `t` is `log(1 + count of tier t) * weights[t]`.
 *
 * The tier of a score `r` is `ceil(r * (1 / eps)) + round(1 / eps)`, in float32 as in the released MUSE
 * model: with `eps` 0.1 tiers 0 to 20 for scores from −1 to 1. Empty places (−Infinity, as `Kept` has
 * them) are not counted.
 *
 * @param scores `[count, k]`.
 * @returns `[count, tiers]`.
 * @throws ERR_KLEIO_NOT_FINITE (a NaN, naming its place), ERR_KLEIO_RANGE (a score in no tier that has a
 * weight), ERR_KLEIO_SHAPE, ERR_KLEIO_ARGUMENT; the first call also what `devices` throws.
 * @see MUSE, arXiv 2512.07216, the exact search unit.
 * @example
 * ```ts
 * import { simTier } from 'kleio';
 *
 * const weights = new Float32Array(21).fill(1);
 * const features = simTier(Float32Array.of(0.55, 0.52, -0.3, -Infinity), { k: 4, weights });
 * console.log(features[16]); // log(3): two scores above 0.5 and up to 0.6
 * ```
 */
export function simTier(scores: Float32Array, options: SimTierOptions): Float32Array {
  const { k, weights, eps } = reading(OPTION_NAMES.what, () => {
    const { k, weights, eps = 0.1 } = knownOptions(options, OPTION_NAMES);
    return { k, weights, eps };
  });
  requireInteger('k', k, 1, MAX_COUNT);
  requireNumber('eps', eps);
  if (eps < MIN_TIER_WIDTH || eps > MAX_TIER_WIDTH) {
    throw mustBe('ERR_KLEIO_RANGE', 'eps', `from ${MIN_TIER_WIDTH} to ${MAX_TIER_WIDTH}`, eps);
  }
  requireFloat32('weights', weights);
  requireFloat32('scores', scores);
  const count = rowsIn('scores', lengthOf(scores), k, 'k');
  const features = float32Results(count * lengthOf(weights));
  binding().simTier(scores, k, weights, eps, features);
  return features;
}
