// The tier of a similarity, and the feature of a tier's count: what SimTier (core/simtier.h) is
// made of, the same on hosts and devices.
//
// Tier      ceil(r * (1 / eps)) + round(1 / eps), computed in float32 with 1 / eps rounded to
//           float32 first; r in [-1, 1]. eps 0.1 gives tiers 0 to 20; the release keeps one more
//           weight.
// Feature   log(1 + count) * weight, the logarithm in float64.
#pragma once

#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/host_device.h"

namespace kleio {

struct TierScale {
  float inverse_width = 0;
  std::int32_t middle = 0;  // tier of similarity 0

  static TierScale of(float tier_width) noexcept {
    const float inverse = 1.0f / tier_width;
    return {inverse, static_cast<std::int32_t>(std::lround(inverse))};
  }
  // Tiers that similarities within [-1, 1] can fall into.
  std::size_t least_tiers() const noexcept {
    return static_cast<std::size_t>(static_cast<std::int32_t>(ceilf(inverse_width)) + middle) + 1;
  }
};

KLEIO_HOST_DEVICE inline std::int32_t tier_of(float similarity, const TierScale& scale) noexcept {
  assert(similarity == similarity);
  return static_cast<std::int32_t>(ceilf(similarity * scale.inverse_width)) + scale.middle;
}

KLEIO_HOST_DEVICE inline float tier_feature(std::uint32_t count, float weight) noexcept {
  return static_cast<float>(log1p(static_cast<double>(count))) * weight;
}

}  // namespace kleio
