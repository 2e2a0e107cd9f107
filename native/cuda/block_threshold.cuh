// A value that at least K of the bounds of a target reach, and not many more.
#pragma once

#include <cstdint>

#include "core/order.h"
#include "cuda/block_algorithms.cuh"

namespace kleio::cuda {

// Orderable bits of -infinity, which blocks without eligible rows hold.
inline constexpr std::uint32_t kEmptyBlock = 0x007fffffu;

// Bisection over the orderable bits: at most 32 passes over bounds that L1 holds, usually a dozen,
// because a threshold that k + k / 4 bounds reach serves as well as the K-th largest. Returns
// kEmptyBlock if fewer than k blocks hold eligible rows.
template <typename Block>
KLEIO_KERNEL_CODE std::uint32_t threshold_bits(Block& block, const WarpWords<Block>& words,
                                               const float* bounds, std::uint32_t count,
                                               std::uint32_t k) {
  const auto reaching = [&](std::uint32_t least) {
    return block_sum(block, words, [&](std::uint32_t thread) {
      std::uint32_t reached = 0;
      for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
        reached += orderable_bits(bounds[i]) >= least ? 1u : 0u;
      }
      return reached;
    });
  };
  std::uint32_t low = kEmptyBlock + 1;
  std::uint32_t reached = reaching(low);
  if (reached < k) return kEmptyBlock;
  std::uint32_t high = 1 + block_max(block, words, [&](std::uint32_t thread) {
                         std::uint32_t largest = 0;
                         for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
                           const std::uint32_t bits = orderable_bits(bounds[i]);
                           largest = largest < bits ? bits : largest;
                         }
                         return largest;
                       });
  // At least k bounds reach `low`, fewer reach `high`.
  while (high - low > 1 && reached > k + k / 4) {
    const std::uint32_t middle = low + (high - low) / 2;
    const std::uint32_t found = reaching(middle);
    if (found >= k) {
      low = middle;
      reached = found;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace kleio::cuda
