// SimTier: a histogram of similarities, as features (MUSE, arXiv 2512.07216, as released).
#pragma once

#include <cstddef>
#include <span>

#include "core/tier_scale.h"

namespace kleio {

// Fills `out`, [rows, tiers], from `scores`, [rows, k]; -infinity is an empty place and not
// counted. Throws kNotFinite (NaN) and kRange (a score in no tier that has a weight), naming the
// place.
void sim_tier(std::span<const float> scores, std::size_t k, std::span<const float> weights,
              float tier_width, std::span<float> out);

}  // namespace kleio
