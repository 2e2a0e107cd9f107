// How the append with wgmma divides its shared memory.
#pragma once

#include <cstdint>

#include "core/host_device.h"
#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/wgmma_layout.h"

namespace kleio::cuda {

// N of an instruction: rows of a half of a tile.
inline constexpr std::uint32_t kWgmmaColumns = 128;
inline constexpr std::uint32_t kWgmmaTileRows = 2 * kWgmmaColumns;
// That a thread block multiplies at a time: two sets for each of two warpgroups.
inline constexpr std::uint32_t kWgmmaTargets = 2 * 2 * kWgmmaRows;
// Tiles that have a place in shared memory, of 32 KB: one is multiplied, two are on their way.
inline constexpr std::uint32_t kWgmmaStages = 4;
// Rows of a tile of which a thread has eight sums of a target: those that one warp looks up.
inline constexpr std::uint32_t kWgmmaGroupRows = 32;
inline constexpr std::uint32_t kWgmmaGroups = kWgmmaTileRows / kWgmmaGroupRows;

struct WgmmaAppendLayout {
  // Offsets in bytes, multiples of 16.
  std::uint32_t codes = 0;        // [stages][rows][128], each stage as wgmma_b_offset says
  std::uint32_t rows = 0;         // [2][rows] uint32 of the table, kNotEligible: none
  std::uint32_t factors = 0;      // [stages][rows] float, NaN: of no row
  std::uint32_t reciprocals = 0;  // [stages][groups][4] uint64: bits of the least and the largest
  // Groups of sums that are set aside (cuda/kernels/sum_groups.cuh), of a tile. Of 256 rows and 256
  // targets some 250 where K = 50 of 100 000 are sought by a sample of an eighth.
  std::uint32_t group_capacity = 0;
  std::uint32_t group_counts = 0;  // [4] uint32
  std::uint32_t group_places = 0;  // [2][capacity] uint32
  std::uint32_t group_sums = 0;    // [2][capacity][8] int32
  AppendLayout hits;
  std::uint32_t bytes = 0;
};

KLEIO_HOST_DEVICE constexpr WgmmaAppendLayout wgmma_append_layout(
    std::uint32_t stage_capacity) noexcept {
  WgmmaAppendLayout layout;
  layout.codes = 0;
  layout.rows = layout.codes + kWgmmaStages * kWgmmaTileRows * kSwizzleLine;
  layout.factors = layout.rows + 2 * kWgmmaTileRows * 4;
  layout.reciprocals = layout.factors + kWgmmaStages * kWgmmaTileRows * 4;
  layout.group_capacity = stage_capacity / 4;
  layout.group_counts = layout.reciprocals + kWgmmaStages * kWgmmaGroups * 4 * 8;
  layout.group_sums = layout.group_counts + 16;
  layout.group_places = layout.group_sums + 2 * layout.group_capacity * 32;
  layout.hits = append_layout(stage_capacity);
  const std::uint32_t first = layout.group_places + (2 * layout.group_capacity * 4 + 15) / 16 * 16;
  layout.hits.staged += first;
  layout.hits.hits += first;
  layout.hits.rows += first;
  layout.hits.targets += first;
  layout.hits.bytes += first;
  layout.bytes = layout.hits.bytes;
  return layout;
}

}  // namespace kleio::cuda
