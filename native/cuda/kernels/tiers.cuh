// SimTier (core/simtier.h) by one thread block: counts of similarities by tier, and their features.
// Counts are integers, so neither the order nor the threads show.
#pragma once

#include <cstdint>

#include "core/tier_scale.h"
#include "cuda/kernels/bit_counts.cuh"
#include "cuda/kernels/execution.h"

namespace kleio::cuda {

// out[tier] = log(1 + count) * weights[tier]. A warp counts a tier, lanes look at a similarity
// each. Ends with a barrier.
template <typename Block>
KLEIO_KERNEL_CODE void count_tiers(Block& block,
                                   const typename Block::template Shared<float>& similarities,
                                   std::uint32_t count, const TierScale& scale,
                                   const float* weights, std::uint32_t tiers, float* out) {
  constexpr std::uint32_t kWarps = Block::kThreads / kWarpLanes;
  for (std::uint32_t base = 0; base < tiers; base += kWarps) {
    typename Block::template PerThread<std::uint32_t> counts;
    block.each([&](std::uint32_t thread) { counts[thread] = 0; });
    for (std::uint32_t first = 0; first < count; first += kWarpLanes) {
      block.ballot(
          [&](std::uint32_t thread) {
            const std::uint32_t place = first + thread % kWarpLanes;
            if (place >= count) return false;
            const std::int32_t tier = tier_of(similarities.get(place), scale);
            return static_cast<std::uint32_t>(tier) == base + thread / kWarpLanes;
          },
          [&](std::uint32_t thread, std::uint32_t votes) { counts[thread] += count_ones(votes); });
    }
    block.each([&](std::uint32_t thread) {
      const std::uint32_t tier = base + thread / kWarpLanes;
      if (thread % kWarpLanes != 0 || tier >= tiers) return;
      out[tier] = tier_feature(counts[thread], weights[tier]);
    });
  }
  block.barrier();
}

}  // namespace kleio::cuda
