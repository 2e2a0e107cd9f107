// GSU append by wgmma, of int8 rows of 64 or 128 code bytes: lists what cuda/kernels/append.cuh
// lists, with the same estimates.
//
// Roles     A is 64 targets, in registers while all rows pass; B is 128 rows, in shared memory
//           (cuda/kernels/row_stages.cuh). So a thread has few targets, whose thresholds stay in
//           registers, and many rows, whose factors it reads where a row passes the filter.
// Overlap   A warpgroup has two sets of 64 targets, and while one is multiplied, the sums of the
//           other are looked at, but for the last of four times a tile. One instruction of 256 rows
//           would have as many sums, and read every row twice as often from L2: for 128 targets a
//           thread block, not 256.
// Filter    as in cuda/kernels/append.cuh, of eight rows at a time. Sums start from zero, which is
//           free here, and the bias is added to the largest of them.
// Hits      What passes is set aside and looked through later (cuda/kernels/sum_groups.cuh).
// Cost      2 * dim operations a row and target; half a maximum an estimate and an eighth of a
//           limit; where one of a warp's 256 estimates passes, some 14 instructions, and 100 for 32
//           of these.
// Sizes     computed, not measured: docs/cuda-kernels.md.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/hit_stage.cuh"
#include "cuda/kernels/least_sums.cuh"
#include "cuda/kernels/row_stages.cuh"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/sum_groups.cuh"
#include "cuda/kernels/wgmma_append_layout.h"
#include "cuda/kernels/wgmma_layout.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

inline constexpr std::uint32_t kWgmmaAppendThreads = 2 * kWarpgroupThreads;

template <typename Block, std::uint32_t kRowBytes>
class WgmmaAppend {
  static_assert(kRowBytes == 64 || kRowBytes == 128);
  static_assert(Block::kThreads == kWgmmaTileRows);  // each looks up a row of a tile
  static_assert(kWgmmaTargets == 2 * kWgmmaRows * Block::kThreads / kWarpgroupThreads);

 public:
  // Needs wgmma_append_layout(params.stage_capacity).bytes of shared memory.
  KLEIO_KERNEL_CODE WgmmaAppend(Block& block, const AppendParams& params)
      : WgmmaAppend(block, params, wgmma_append_layout(params.stage_capacity)) {}

  KLEIO_KERNEL_CODE void run() {
    if (rows_.tiles() == 0) return;
    stage_.clear();
    for (std::uint32_t first = 0; first < targets_; first += kWgmmaTargets) list_rows(first);
    stage_.flush();
  }

 private:
  static constexpr std::uint32_t kSteps = kRowBytes / kWgmmaDepth;
  static constexpr std::uint32_t kSets = 2;
  static constexpr std::uint32_t kGroupTargets = kSets * kWgmmaRows;  // of a warpgroup
  static constexpr std::uint32_t kSums = kWgmmaColumns / 2;           // of a thread and set
  static constexpr std::uint32_t kHalfGroups = kWgmmaGroups / 2;
  static constexpr std::uint32_t kGroupSums = kSums / 2 / kHalfGroups;  // of a target

  struct State {
    std::uint32_t a[kSets][kSteps][4];
    std::int32_t sums[kSets][kSums];
    float thresholds[kSets][2];
  };

  KLEIO_KERNEL_CODE WgmmaAppend(Block& block, const AppendParams& params,
                                const WgmmaAppendLayout& layout)
      : block_(block),
        search_(params.search),
        item_(params.items[block.index()]),
        targets_(item_.target_tile_count * kTileTargets),
        rows_(block, params.search, item_, layout),
        groups_(block, layout),
        stage_(block, params, item_, layout.hits) {}

  // Of the item's: the target of a thread's sums i with i / 2 % 2 = `high`.
  KLEIO_KERNEL_CODE static std::uint32_t target_of(std::uint32_t thread, std::uint32_t first,
                                                   std::uint32_t set, std::uint32_t high) {
    return first + thread / kWarpgroupThreads * kGroupTargets + set * kWgmmaRows +
           wgmma_sum_place(thread % kWarpgroupThreads, 2 * high).row;
  }

  // Those of the item, for kWgmmaTargets targets from `first` on. No multiplication is under way
  // at the end of the loop's body: ptxas would wait for it there.
  KLEIO_KERNEL_CODE void list_rows(std::uint32_t first) {
    block_.barrier();  // all have looked through what the last targets left
    block_.each([&](std::uint32_t thread) {
      groups_.clear(thread);
      open(thread, first);
    });
    rows_.open();
    for (std::uint32_t tile = 0; tile < rows_.tiles(); ++tile) {
      rows_.next(tile);
      multiply<0, 0>(tile);
      multiply<1, 0>(tile);
      list_hits_set_aside(tile - 1);  // there are none before the first tile
      block_.each([&](std::uint32_t thread) { groups_.clear_after(thread, tile); });
      find_hits<0, 0, 1>(tile, first);
      multiply<0, 1>(tile);
      find_hits<1, 0, 1>(tile, first);
      multiply<1, 1>(tile);
      find_hits<0, 1, 1>(tile, first);
      find_hits<1, 1, 0>(tile, first);
    }
    block_.barrier();
    list_hits_set_aside(rows_.tiles() - 1);
  }

  KLEIO_KERNEL_CODE void open(std::uint32_t thread, std::uint32_t first) {
    State& state = state_[thread];
    const std::uint32_t first_target = item_.first_target_tile * kTileTargets;
    KLEIO_UNROLL for (std::uint32_t set = 0; set < kSets; ++set) {
      KLEIO_UNROLL for (std::uint32_t high = 0; high < 2; ++high) {
        const std::uint32_t target = target_of(thread, first, set, high);
        const bool present = target < targets_;
        state.thresholds[set][high] = present ? threshold_of(target) : float_of_bits(0x7f800000u);
        KLEIO_UNROLL for (std::uint32_t step = 0; step < kSteps; ++step) {
          KLEIO_UNROLL for (std::uint32_t i = high; i < 4; i += 2) {
            const std::uint32_t k =
                step * kWgmmaDepth + wgmma_a_place(thread % kWarpgroupThreads, i).column;
            state.a[set][step][i] =
                present ? Block::load_word(search_.targets.codes +
                                           target_word_offset(first_target + target, k, kRowBytes))
                        : 0;
          }
        }
      }
    }
  }

  template <std::uint32_t kSet, std::uint32_t kHalf>
  KLEIO_KERNEL_CODE void multiply(std::uint32_t tile) {
    const std::uint32_t address = block_.shared_address(rows_.codes(tile, kHalf));
    block_.reconverge();  // wgmma takes whole warps
    block_.wgmma_fence();
    KLEIO_UNROLL for (std::uint32_t step = 0; step < kSteps; ++step) {
      block_.template wgmma<kWgmmaColumns>([&](std::uint32_t thread) {
        State& state = state_[thread];
        return WgmmaOperands<kWgmmaColumns>{state.sums[kSet], state.a[kSet][step],
                                            wgmma_b_descriptor(address, step), step > 0};
      });
    }
    block_.wgmma_commit();
  }

  // In the sums of a set and half, once all but the latest kLater multiplications are done.
  template <std::uint32_t kSet, std::uint32_t kHalf, std::uint32_t kLater>
  KLEIO_KERNEL_CODE void find_hits(std::uint32_t tile, std::uint32_t first) {
    block_.reconverge();
    block_.template wgmma_wait<kLater, kWgmmaColumns>(
        [&](std::uint32_t thread) -> std::int32_t (&)[kSums] { return state_[thread].sums[kSet]; });
    block_.each([&](std::uint32_t thread) {
      KLEIO_UNROLL for (std::uint32_t group = 0; group < kHalfGroups; ++group) {
        const Reciprocals reciprocals =
            rows_.reciprocals(tile, kHalf * kHalfGroups + group, thread % 4);
        KLEIO_UNROLL for (std::uint32_t high = 0; high < 2; ++high) {
          const std::int32_t least =
              reciprocals.least_biased_sum(state_[thread].thresholds[kSet][high]);
          if (largest_sum<kSet>(thread, group, high) + kBiasBits < least) continue;
          const SumGroup of =
              group_of<kSet>(thread, kHalf, group, high, target_of(thread, first, kSet, high));
          if (!groups_.set_aside(tile, of)) list_hits(tile, of);
        }
      }
    });
  }

  // Sum `i` of a target's eight of a group of the half.
  template <std::uint32_t kSet>
  KLEIO_KERNEL_CODE std::int32_t sum(std::uint32_t thread, std::uint32_t group, std::uint32_t high,
                                     std::uint32_t i) const {
    return state_[thread].sums[kSet][4 * (group * (kGroupSums / 2) + i / 2) + 2 * high + i % 2];
  }

  template <std::uint32_t kSet>
  KLEIO_KERNEL_CODE std::int32_t largest_sum(std::uint32_t thread, std::uint32_t group,
                                             std::uint32_t high) const {
    const auto of = [&](std::uint32_t i) { return sum<kSet>(thread, group, high, i); };
    static_assert(kGroupSums == 8);
    const std::int32_t largest = largest_of(largest_of(of(0), of(1), of(2)), of(3), of(4));
    return largest_of(largest_of(largest, of(5), of(6)), of(7), of(7));
  }

  template <std::uint32_t kSet>
  KLEIO_KERNEL_CODE SumGroup group_of(std::uint32_t thread, std::uint32_t half, std::uint32_t group,
                                      std::uint32_t high, std::uint32_t target) const {
    SumGroup of;
    of.target = target;
    of.first_row = (half * kHalfGroups + group) * kWgmmaGroupRows + 2 * (thread % 4);
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kGroupSums; ++i) {
      of.sums[i / 4].w[i % 4] = static_cast<std::uint32_t>(sum<kSet>(thread, group, high, i));
    }
    return of;
  }

  KLEIO_KERNEL_CODE void list_hits_set_aside(std::uint32_t tile) {
    block_.each([&](std::uint32_t thread) {
      groups_.look_through(thread, tile, [&](const SumGroup& group) {
        const float threshold = threshold_of(group.target);
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kGroupSums; ++i) {
          list_hit(tile, group.target, threshold, group.row(i), group.sum(i));
        }
      });
    });
  }

  // The same of a group for which there was no place: rare, so short rather than quick.
  KLEIO_KERNEL_CODE void list_hits(std::uint32_t tile, const SumGroup& group) {
    const float threshold = threshold_of(group.target);
    KLEIO_ROLLED for (std::uint32_t i = 0; i < kGroupSums; ++i) {
      std::int32_t sum = group.sum(0);  // sum(i), but registers have no index
      KLEIO_UNROLL for (std::uint32_t at = 1; at < kGroupSums; ++at) {
        if (at == i) sum = group.sum(at);
      }
      list_hit(tile, group.target, threshold, group.row(i), sum);
    }
  }

  KLEIO_KERNEL_CODE void list_hit(std::uint32_t tile, std::uint32_t target, float threshold,
                                  std::uint32_t row, std::int32_t sum) {
    const float estimate = static_cast<float>(sum) * rows_.factor(tile, row);
    if (estimate >= threshold) stage_.add(target, rows_.slot(tile, row), estimate);
  }

  KLEIO_KERNEL_CODE float threshold_of(std::uint32_t target) const {
    return search_.lists.thresholds[item_.first_target_tile * kTileTargets + target];
  }

  Block& block_;
  const SearchParams& search_;
  const ScanItem item_;
  const std::uint32_t targets_;
  RowStages<Block, kRowBytes> rows_;
  const SumGroups<Block> groups_;
  HitStage<Block> stage_;
  typename Block::template PerThread<State> state_;
};

}  // namespace kleio::cuda
