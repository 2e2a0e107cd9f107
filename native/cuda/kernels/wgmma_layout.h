// Where the elements of a wgmma.mma_async.m64nNk32 of int8 lie: D[64][N] += A[64][32] * B[32][N],
// by a warpgroup of 128 neighbouring threads.
//
// A and D lie in registers. B lies in shared memory, "K-major": for each of its N columns 128
// neighbouring bytes of k, which four instructions multiply in turn. Such a line has eight chunks
// of 16 bytes, which are permuted among themselves so that the same chunk of eight neighbouring
// columns lies in different banks ("128-byte swizzle").
//
// Source: PTX ISA, "Register Fragments", "Shared Memory Matrix Layout" and "Matrix Descriptor
// Format" of wgmma.mma_async: canonical layout Swizzle<3,4,3> o ((8,m),(T,2k)):((8T,SBO),(1,T)).
#pragma once

#include <cstdint>

#include "core/host_device.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kWgmmaRows = 64;         // of A and D
inline constexpr std::uint32_t kWgmmaDepth = 32;        // k of an instruction, in bytes
inline constexpr std::uint32_t kSwizzleLine = 128;      // bytes of k that lie together
inline constexpr std::uint32_t kSwizzleChunk = 16;      // bytes that the permutation keeps together
inline constexpr std::uint32_t kSwizzlePattern = 1024;  // bytes after which it repeats: eight lines

struct MatrixPlace {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
};

// Of register `i` of a thread's N / 2 of D.
KLEIO_HOST_DEVICE constexpr MatrixPlace wgmma_sum_place(std::uint32_t thread,
                                                        std::uint32_t i) noexcept {
  const std::uint32_t lane = thread % 32;
  return {16 * (thread / 32) + lane / 4 + 8 * (i / 2 % 2), 8 * (i / 4) + 2 * (lane % 4) + i % 2};
}

// Of the lowest byte of register `i` of a thread's four of A; the other three follow in its row.
KLEIO_HOST_DEVICE constexpr MatrixPlace wgmma_a_place(std::uint32_t thread,
                                                      std::uint32_t i) noexcept {
  const std::uint32_t lane = thread % 32;
  return {16 * (thread / 32) + lane / 4 + 8 * (i % 2), 16 * (i / 2) + 4 * (lane % 4)};
}

// Of a chunk of a column of B, in bytes from the start of B, which a kSwizzlePattern divides.
KLEIO_HOST_DEVICE constexpr std::uint32_t wgmma_b_offset(std::uint32_t column,
                                                         std::uint32_t chunk) noexcept {
  return column * kSwizzleLine + (chunk ^ column % 8) * kSwizzleChunk;
}

// What tells wgmma where the 32 bytes of k from 32 * `step` on are, of a B that starts at
// `address` of shared memory. Hardware permutes by the bits of addresses, so a step within the line
// is a step of the start. The leading offset means nothing to a swizzled layout and is 1 by custom;
// the base offset is 0 where patterns start at multiples of their length.
KLEIO_HOST_DEVICE constexpr std::uint64_t wgmma_b_descriptor(std::uint32_t address,
                                                             std::uint32_t step) noexcept {
  constexpr std::uint64_t kSwizzle128 = 1;
  const std::uint32_t start = address + step * kWgmmaDepth;
  return std::uint64_t{(start & 0x3ffffu) >> 4} | std::uint64_t{1} << 16 |
         std::uint64_t{kSwizzlePattern >> 4} << 32 | kSwizzle128 << 62;
}

// Where TargetParams::codes has the four bytes of a target that begin at byte `k`, a multiple of 4.
// They are a whole register of A: no permutation of k lets a thread load 16 bytes that it needs,
// because it holds a quarter of each 16 bytes of B, and TargetParams gives it whole ones.
KLEIO_HOST_DEVICE constexpr std::uint64_t target_word_offset(std::uint32_t target, std::uint32_t k,
                                                             std::uint32_t row_bytes) noexcept {
  const std::uint32_t lane = 4 * (target % kTileTargets) + k / 16 % 4;
  return std::uint64_t{target / kTileTargets} * kTileTargets * row_bytes +
         (k / kCodeChunkBytes * 32 + lane) * 16 + k % 16;
}

}  // namespace kleio::cuda
