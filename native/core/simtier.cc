#include "core/simtier.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/kept.h"

namespace kleio {
namespace {

[[noreturn]] void refuse(float score, std::size_t place, std::size_t k, std::size_t tiers) {
  const std::string where =
      "row " + std::to_string(place / k) + ", column " + std::to_string(place % k);
  if (score != score) {
    throw Error(ErrorCode::kNotFinite, "scores must be numbers; " + where + " is NaN");
  }
  throw Error(ErrorCode::kRange, "scores must fall into one of the " + std::to_string(tiers) +
                                     " tiers that have weights; " + where + " is " +
                                     number_text(score));
}

}  // namespace

void sim_tier(std::span<const float> scores, std::size_t k, std::span<const float> weights,
              float tier_width, std::span<float> out) {
  const TierScale scale = TierScale::of(tier_width);
  const std::size_t tiers = weights.size();
  assert(k == 0 || (scores.size() % k == 0 && out.size() == scores.size() / k * tiers));
  // Scores that the integer tier is computed for: no float beyond them may be converted.
  const float limit = (static_cast<float>(tiers) + 1) / scale.inverse_width;
  std::vector<std::uint32_t> counts(tiers);
  for (std::size_t row = 0; row * k < scores.size(); ++row) {
    std::ranges::fill(counts, 0u);
    for (std::size_t place = row * k; place < (row + 1) * k; ++place) {
      const float score = scores[place];
      if (score == kNoScore) continue;
      if (!(score >= -limit && score <= limit)) refuse(score, place, k, tiers);
      const std::int32_t tier = tier_of(score, scale);
      if (tier < 0 || static_cast<std::size_t>(tier) >= tiers) refuse(score, place, k, tiers);
      ++counts[static_cast<std::size_t>(tier)];
    }
    for (std::size_t tier = 0; tier < tiers; ++tier) {
      out[row * tiers + tier] = tier_feature(counts[tier], weights[tier]);
    }
  }
}

}  // namespace kleio
