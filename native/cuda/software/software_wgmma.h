// wgmma.mma_async of int8 as the PTX ISA defines it: what a matrix descriptor says, and the
// product.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cuda/kernels/wgmma_layout.h"

namespace kleio::cuda {

using WgmmaRegisters = std::array<std::array<std::uint32_t, 4>, kWarpgroupThreads>;

// Words of a column of B that an instruction reads.
inline constexpr std::uint32_t kWgmmaWords = kWgmmaDepth / 4;

// The address of word `word` of a column. Throws std::logic_error where the descriptor is not of
// the one layout that is modelled: K-major with a swizzle of 128 bytes.
std::uint32_t wgmma_b_address(std::uint64_t descriptor, std::uint32_t column, std::uint32_t word);

// sums[thread][i] += A * B, with B by column and word; `sums` has N / 2 registers of each thread.
void multiply_wgmma(const WgmmaRegisters& a,
                    std::span<const std::array<std::uint32_t, kWgmmaWords>> b,
                    std::span<std::vector<std::int32_t>> sums);

}  // namespace kleio::cuda
