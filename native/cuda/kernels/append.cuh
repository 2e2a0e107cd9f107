// GSU append: lists, for every target, the rows whose estimate reaches the target's threshold.
//
// Exact     A row is left out only if estimate < threshold, which no row of the K best does
//           (cuda/kernels/sample_threshold.cuh). Where a list is full the rest is lost, but
//           counted: the select then looks at all rows.
// Filter    Hits are rare, so first the largest sum of a thread's rows is held against the least
//           that could be a hit (cuda/kernels/least_sums.cuh). Rows that pass are then compared one
//           by one, by their estimates.
// Staging   Hits wait in shared memory until the item is done (cuda/kernels/hit_stage.cuh).
// Order     that of arrival: it differs from run to run, and shows in no result.
// Cost      that of the products (cuda/kernels/row_products.cuh); half a maximum an estimate, and 5
//           operations for 16; a hit: a shared atomic twice, a third of a global one, 8 bytes.
#pragma once

#include <cstdint>

#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/hit_stage.cuh"
#include "cuda/kernels/least_sums.cuh"
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/row_products.cuh"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

template <typename Block, typename Shape>
class Append {
  static_assert(Shape::kResident && !Shape::kWeighted);

 public:
  // Needs append_layout(params.stage_capacity).bytes of shared memory.
  KLEIO_KERNEL_CODE Append(Block& block, const AppendParams& params)
      : block_(block),
        thresholds_(params.search.lists.thresholds),
        item_(params.items[block.index()]),
        history_(params.search.histories[item_.history]),
        stage_(block, params, item_, append_layout(params.stage_capacity)),
        products_(block, params.search, item_, history_, 1) {}

  KLEIO_KERNEL_CODE void run() {
    stage_.clear();
    for (std::uint32_t step = 0; step < item_.row_tile_count;
         step += Block::kThreads / kWarpLanes) {
      products_.open(step);
      block_.each([&](std::uint32_t thread) { find_reciprocals(thread); });
      for (std::uint32_t t = 0; t < item_.target_tile_count; ++t) {
        products_.multiply(item_.first_target_tile + t, 1);
        block_.each([&](std::uint32_t thread) { find_hits(thread, t * kTileTargets); });
        block_.reconverge();  // mma.sync takes whole warps
      }
    }
    stage_.flush();
  }

 private:
  using Products = RowProducts<Block, Shape>;
  using Sum = typename Shape::Sum;

  KLEIO_KERNEL_CODE void find_reciprocals(std::uint32_t thread) {
    Reciprocals reciprocals = Reciprocals::of_none();
    KLEIO_UNROLL for (std::uint32_t i = 0; i < Shape::kRows; ++i) {
      reciprocals.take(products_.factor(thread, i));
    }
    reciprocals_[thread] = reciprocals.rounded_outwards();
  }

  // `of_item`: the first target of the tile, among the item's.
  KLEIO_KERNEL_CODE void find_hits(std::uint32_t thread, std::uint32_t of_item) {
    const RowBlocks blocks{Shape::kRowTiles, 1};
    KLEIO_UNROLL for (std::uint32_t column = 0; column < 2; ++column) {
      const std::uint32_t target = of_item + 2 * (thread % 4) + column;
      const float threshold = thresholds_[item_.first_target_tile * kTileTargets + target];
      if (largest_sum(thread, column) < least_sum(thread, threshold)) continue;
      KLEIO_UNROLL for (std::uint32_t i = 0; i < Shape::kRows; ++i) {
        const float estimate = products_.estimate(thread, 0, i, column);
        if (!(estimate >= threshold)) continue;
        stage_.add(target, blocks.slot_in_tile(products_.tile(thread), Products::group(thread), i),
                   estimate);
      }
    }
  }

  KLEIO_KERNEL_CODE Sum largest_sum(std::uint32_t thread, std::uint32_t column) const {
    Sum largest = products_.sum(thread, 0, 0, column);
    KLEIO_UNROLL for (std::uint32_t i = 1; i + 1 < Shape::kRows; i += 2) {
      largest = largest_of(largest, products_.sum(thread, 0, i, column),
                           products_.sum(thread, 0, i + 1, column));
    }
    const Sum last = products_.sum(thread, 0, Shape::kRows - 1, column);
    return largest < last ? last : largest;
  }

  KLEIO_KERNEL_CODE Sum least_sum(std::uint32_t thread, float threshold) const {
    if constexpr (Shape::kBiased) {
      return reciprocals_[thread].least_biased_sum(threshold);
    } else {
      return reciprocals_[thread].least_sum(threshold);
    }
  }

  Block& block_;
  const float* const thresholds_;
  const ScanItem item_;
  const HistoryParams history_;
  HitStage<Block> stage_;
  Products products_;
  typename Block::template PerThread<Reciprocals> reciprocals_;
};

}  // namespace kleio::cuda
