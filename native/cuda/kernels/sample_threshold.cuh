// What a row must reach to be listed: a certified lower bound of the K-th best score, from the
// bounds of a sample's blocks, one block of threads a target.
//
// Exact     K blocks of the sample hold a row whose canonical score is at least `cut`, so the K-th
//           best of all is, and a row of the K best has an estimate of at least cut - margin. With
//           fewer than K such blocks nothing is proven but min_score.
// Sample    Every stride-th slot: histories drift, so neither a beginning nor an end speaks for the
//           rest. About stride * K rows reach the threshold.
// Cost      one pass over 4 bytes a block. A launch of its own, because the append needs the
//           thresholds of all its targets at once: an append that found them itself would read the
//           sample's bounds once an item, and the last block of the scan would find all of them
//           alone.
#pragma once

#include <cstdint>

#include "cuda/kernels/block_algorithms.cuh"
#include "cuda/kernels/block_threshold.cuh"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kThresholdThreads = 256;

struct ThresholdLayout {
  std::uint32_t group_capacity = 0;
  // Offsets in bytes.
  std::uint32_t words = 0;   // [warps] uint32
  std::uint32_t groups = 0;  // [group_capacity] uint32
  std::uint32_t bytes = 0;
};

KLEIO_HOST_DEVICE constexpr ThresholdLayout threshold_layout(std::uint32_t threads) noexcept {
  ThresholdLayout layout;
  layout.group_capacity = 8 * threads;
  layout.words = 0;
  layout.groups = 4 * kWarpLanes;
  layout.bytes = layout.groups + 4 * layout.group_capacity;
  return layout;
}

// Needs threshold_layout(Block::kThreads).bytes of shared memory. Also empties the target's list.
template <typename Block>
KLEIO_KERNEL_CODE void find_sample_threshold(Block& block, const ThresholdParams& params) {
  constexpr ThresholdLayout kLayout = threshold_layout(Block::kThreads);
  const SearchParams& search = params.search;
  const std::uint32_t target = block.index();
  const TargetRecord record = search.targets.records[target];
  float threshold = float_of_bits(0x7f800000u);
  if (record.norm_sq != 0 && is_proven(record)) {
    const HistoryParams history = search.histories[record.history];
    const float* bounds = search.upper + history.first_bound +
                          std::uint64_t{target - history.first_target} * history.block_count;
    const auto words = block.template shared<std::uint32_t>(kLayout.words, kWarpLanes);
    const auto groups =
        block.template shared<std::uint32_t>(kLayout.groups, kLayout.group_capacity);
    const std::uint32_t bits = BlockThreshold<Block>(block, words, groups, kLayout.group_capacity,
                                                     bounds, history.block_count, params.k)
                                   .bits();
    threshold = certified_cut(record, bits, record.margin) - record.margin;
  }
  block.each([&](std::uint32_t thread) {
    if (thread != 0) return;
    search.lists.thresholds[target] = threshold;
    search.lists.counts[target] = 0;
  });
}

}  // namespace kleio::cuda
