// Bits of a word, as ballots give them.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"

namespace kleio::cuda {

KLEIO_KERNEL_CODE std::uint32_t count_ones(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return static_cast<std::uint32_t>(__popc(static_cast<int>(bits)));
#else
  return static_cast<std::uint32_t>(__builtin_popcount(bits));
#endif
}

// The place of the lowest one; there is one.
KLEIO_KERNEL_CODE std::uint32_t lowest_one(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return static_cast<std::uint32_t>(__ffs(static_cast<int>(bits)) - 1);
#else
  return static_cast<std::uint32_t>(__builtin_ctz(bits));
#endif
}

}  // namespace kleio::cuda
