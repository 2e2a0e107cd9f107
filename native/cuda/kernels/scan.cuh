// GSU scan: for every target and block of rows a bound of the scores within, on tensor cores.
//
// Formula   upper[t][block] = max estimate, or with weights max(estimate + weight[r] * margin[t]);
//           lower[t][block] = max(estimate - weight[r] * margin[t])
// Estimates, their exactness and layout: cuda/kernels/row_products.cuh.
// NaN       is no row's bound: fmax passes over it. A block without eligible rows holds -infinity.
//           Ties: no matter.
// Cost      that of the products; one subtraction (int8), product and maximum an estimate; 4 bytes
//           written a block and target.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/row_products.cuh"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

template <typename Block, typename Shape>
class Scan {
 public:
  KLEIO_KERNEL_CODE Scan(Block& block, const ScanParams& params)
      : block_(block),
        search_(params.search),
        item_(params.items[block.index()]),
        history_(search_.histories[item_.history]),
        blocks_{Shape::kRowTiles, history_.fold},
        products_(block, search_, item_, history_, history_.stride) {}

  KLEIO_KERNEL_CODE void run() {
    for (std::uint32_t step = 0; step < item_.row_tile_count;
         step += Block::kThreads / kWarpLanes) {
      products_.open(step);
      for (std::uint32_t t = 0; t < item_.target_tile_count; t += Shape::kTargetTiles) {
        const std::uint32_t left = item_.target_tile_count - t;
        const std::uint32_t count = left < Shape::kTargetTiles ? left : Shape::kTargetTiles;
        products_.multiply(item_.first_target_tile + t, count);
        KLEIO_UNROLL for (std::uint32_t n = 0; n < Shape::kTargetTiles; ++n) {
          if (n < count) bound_blocks(item_.first_target_tile + t + n, n);
        }
      }
    }
  }

 private:
  using Products = RowProducts<Block, Shape>;

  struct Bounds {
    float upper[2];  // of the thread's two targets
    float lower[2];
  };

  KLEIO_KERNEL_CODE void bound_blocks(std::uint32_t tile, std::uint32_t n) {
    const std::uint32_t first_target = tile * kTileTargets;
    block_.each([&](std::uint32_t thread) {
      KLEIO_UNROLL for (std::uint32_t column = 0; column < 2; ++column) {
        fold_rows(thread, n, column, first_target + 2 * (thread % 4) + column);
      }
    });
    for (std::uint32_t mask = 1; mask < history_.fold; mask *= 2) fold_groups(4 * mask);
    block_.each([&](std::uint32_t thread) { write(thread, first_target); });
  }

  KLEIO_KERNEL_CODE void fold_rows(std::uint32_t thread, std::uint32_t n, std::uint32_t column,
                                   std::uint32_t target) {
    float upper = -infinity();
    float lower = -infinity();
    float margin = 0;
    if constexpr (Shape::kWeighted) margin = search_.targets.records[target].margin;
    KLEIO_UNROLL for (std::uint32_t i = 0; i < Shape::kRows; ++i) {
      const float estimate = products_.estimate(thread, n, i, column);
      if constexpr (Shape::kWeighted) {
        upper = fmaxf(upper, estimate + products_.weight(thread, i) * margin);
        lower = fmaxf(lower, estimate - products_.weight(thread, i) * margin);
      } else {
        upper = fmaxf(upper, estimate);
      }
    }
    bounds_[thread].upper[column] = upper;
    bounds_[thread].lower[column] = lower;
  }

  KLEIO_KERNEL_CODE void fold_groups(std::uint32_t lane_mask) {
    KLEIO_UNROLL for (std::uint32_t column = 0; column < 2; ++column) {
      block_.shuffle_xor(
          lane_mask, [&](std::uint32_t thread) { return bounds_[thread].upper[column]; },
          [&](std::uint32_t thread, float other) {
            bounds_[thread].upper[column] = fmaxf(bounds_[thread].upper[column], other);
          });
      if constexpr (Shape::kWeighted) {
        block_.shuffle_xor(
            lane_mask, [&](std::uint32_t thread) { return bounds_[thread].lower[column]; },
            [&](std::uint32_t thread, float other) {
              bounds_[thread].lower[column] = fmaxf(bounds_[thread].lower[column], other);
            });
      }
    }
  }

  KLEIO_KERNEL_CODE void write(std::uint32_t thread, std::uint32_t first_target) {
    const std::uint32_t tile = products_.tile(thread);
    const std::uint32_t group = Products::group(thread);
    if (tile == kNotEligible || group % history_.fold != 0) return;
    const std::uint32_t target = first_target + 2 * (thread % 4) - history_.first_target;
    std::uint64_t place = history_.first_bound + std::uint64_t{target} * history_.block_count +
                          blocks_.block_of(tile, group);
    KLEIO_UNROLL for (std::uint32_t column = 0; column < 2; ++column) {
      block_.publish(search_.upper + place, bounds_[thread].upper[column]);
      if constexpr (Shape::kWeighted) {
        block_.publish(search_.lower + place, bounds_[thread].lower[column]);
      }
      place += history_.block_count;
    }
  }

  KLEIO_KERNEL_CODE static float infinity() { return float_of_bits(0x7f800000u); }

  Block& block_;
  const SearchParams& search_;
  const ScanItem item_;
  const HistoryParams history_;
  const RowBlocks blocks_;
  Products products_;
  typename Block::template PerThread<Bounds> bounds_;
};

}  // namespace kleio::cuda
