// Sums and maxima over the lanes of each warp of a block. The order is that of the pairs, the same
// everywhere.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"

namespace kleio::cuda {

// Sums each warp's values: every lane gets the sum, added in pairs.
template <typename Block>
KLEIO_KERNEL_CODE void sum_warps(Block& block, typename Block::template PerThread<float>& values) {
  for (std::uint32_t mask = kWarpLanes / 2; mask > 0; mask /= 2) {
    block.shuffle_xor(
        mask, [&](std::uint32_t thread) { return values[thread]; },
        [&](std::uint32_t thread, float other) { values[thread] += other; });
  }
}

template <typename Block>
KLEIO_KERNEL_CODE void maximum_of_warps(Block& block,
                                        typename Block::template PerThread<float>& values) {
  for (std::uint32_t mask = kWarpLanes / 2; mask > 0; mask /= 2) {
    block.shuffle_xor(
        mask, [&](std::uint32_t thread) { return values[thread]; },
        [&](std::uint32_t thread, float other) {
          if (other > values[thread]) values[thread] = other;
        });
  }
}

}  // namespace kleio::cuda
