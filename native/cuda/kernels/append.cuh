// GSU append: lists, for every target, the rows whose estimate reaches the target's threshold.
//
// Exact     A row is left out only if estimate < threshold, which no row of the K best does
//           (cuda/kernels/sample_threshold.cuh). Where a list is full the rest is lost, but
//           counted: the select then looks at all rows.
// Filter    Hits are rare, so first the largest sum of a thread's rows is held against the least
//           that could be a hit: with f the factors of these rows,
//             sum * f >= threshold  implies  sum >= threshold / f
//                                             >= threshold * (threshold < 0 ? max : min of 1 / f)
//           less 2e-6 of it, which covers the roundings of 1 / f, of both products and of the
//           estimate (below 5 * 2^-24). int8 sums are compared as they are, as integers: the bound
//           is added to the bias that the sum started from, less 1 for the rounding to an integer.
//           Rows that pass are then compared one by one, by their estimates.
// Staging   Hits wait in shared memory until the item is done; then each target with hits takes
//           its places in the list by one global atomic. What the staging has no room for goes to
//           the list at once, by an atomic of its own. So neither buffer bounds what is found.
// Order     that of arrival: it differs from run to run, and shows in no result.
// Cost      that of the products (cuda/kernels/row_products.cuh); half a maximum and a sixteenth of
// 5
//           operations an estimate; a hit: a shared atomic twice, a third of a global one, 8 bytes.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/row_products.cuh"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

KLEIO_KERNEL_CODE std::int32_t largest_of(std::int32_t a, std::int32_t b, std::int32_t c) {
#ifdef __CUDA_ARCH__
  return __vimax3_s32(a, b, c);
#else
  const std::int32_t larger = a < b ? b : a;
  return larger < c ? c : larger;
#endif
}

KLEIO_KERNEL_CODE float largest_of(float a, float b, float c) {
  return fmaxf(fmaxf(a, b), c);
}

template <typename Block, typename Shape>
class Append {
  static_assert(Shape::kResident && !Shape::kWeighted);

 public:
  // Needs append_layout(params.stage_capacity).bytes of shared memory.
  KLEIO_KERNEL_CODE Append(Block& block, const AppendParams& params)
      : Append(block, params, append_layout(params.stage_capacity)) {}

  KLEIO_KERNEL_CODE void run() {
    clear();
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
    flush();
  }

 private:
  using Products = RowProducts<Block, Shape>;
  using Sum = typename Shape::Sum;
  template <typename T>
  using Shared = typename Block::template Shared<T>;

  // Of the factors of a thread's rows, rounded outwards.
  struct Reciprocals {
    float least;
    float largest;
  };

  KLEIO_KERNEL_CODE Append(Block& block, const AppendParams& params, const AppendLayout& layout)
      : block_(block),
        lists_(params.search.lists),
        item_(params.items[block.index()]),
        history_(params.search.histories[item_.history]),
        first_target_(item_.first_target_tile * kTileTargets),
        stage_capacity_(params.stage_capacity),
        staged_(block.template shared<std::uint32_t>(layout.staged, 1)),
        hits_(block.template shared<std::uint32_t>(layout.hits, kMostItemTargets)),
        staged_rows_(block.template shared<std::uint64_t>(layout.rows, stage_capacity_)),
        staged_targets_(block.template shared<std::uint32_t>(layout.targets, stage_capacity_)),
        products_(block, params.search, item_, history_, 1) {}

  KLEIO_KERNEL_CODE void clear() {
    block_.each([&](std::uint32_t thread) {
      const std::uint32_t targets = item_.target_tile_count * kTileTargets;
      for (std::uint32_t t = thread; t < targets; t += Block::kThreads) hits_.set(t, 0);
      if (thread == 0) staged_.set(0, 0);
    });
    block_.barrier();
  }

  KLEIO_KERNEL_CODE void find_reciprocals(std::uint32_t thread) {
    float least = float_of_bits(0x7f800000u);
    float largest = 0;
    KLEIO_UNROLL for (std::uint32_t i = 0; i < Shape::kRows; ++i) {
      const float reciprocal = 1.0f / products_.factor(thread, i);  // NaN of a row that is none
      least = fminf(least, reciprocal);
      largest = fmaxf(largest, reciprocal);
    }
    reciprocals_[thread] = {least * (1 - 2e-6f), largest * (1 + 2e-6f)};
  }

  // `of_item`: the first target of the tile, among the item's.
  KLEIO_KERNEL_CODE void find_hits(std::uint32_t thread, std::uint32_t of_item) {
    KLEIO_UNROLL for (std::uint32_t column = 0; column < 2; ++column) {
      const std::uint32_t target = of_item + 2 * (thread % 4) + column;
      const float threshold = lists_.thresholds[first_target_ + target];
      if (largest_sum(thread, column) < least_sum(thread, threshold)) continue;
      KLEIO_UNROLL for (std::uint32_t i = 0; i < Shape::kRows; ++i) {
        const float estimate = products_.estimate(thread, 0, i, column);
        if (estimate >= threshold) stage(thread, i, target, estimate);
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
    const Reciprocals& of = reciprocals_[thread];
    const float reciprocal = threshold < 0 ? of.largest : of.least;
    if constexpr (Shape::kBiased) {
      return static_cast<std::int32_t>(float_bits(fmaf(threshold, reciprocal, kBias - 1)));
    } else {
      return threshold * reciprocal;
    }
  }

  KLEIO_KERNEL_CODE void stage(std::uint32_t thread, std::uint32_t i, std::uint32_t target,
                               float estimate) {
    const RowBlocks blocks{Shape::kRowTiles, 1};
    const std::uint32_t slot =
        blocks.slot_in_tile(products_.tile(thread), Products::group(thread), i);
    const std::uint32_t place = staged_.add(0, 1);
    if (place < stage_capacity_) {
      staged_rows_.set(place, std::uint64_t{float_bits(estimate)} << 32 | slot);
      staged_targets_.set(place, target);
    } else {
      list(target, Block::add(lists_.counts + first_target_ + target, 1), slot, estimate);
    }
  }

  KLEIO_KERNEL_CODE void list(std::uint32_t target, std::uint32_t rank, std::uint32_t slot,
                              float estimate) {
    if (rank >= lists_.capacity) return;
    const std::uint64_t place = std::uint64_t{first_target_ + target} * lists_.capacity + rank;
    lists_.estimates[place] = estimate;
    lists_.slots[place] = slot;
  }

  KLEIO_KERNEL_CODE void flush() {
    block_.barrier();
    const std::uint32_t came = staged_.get(0);
    const std::uint32_t count = came < stage_capacity_ ? came : stage_capacity_;
    rank_staged(count);
    take_places();
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
        const std::uint32_t target = staged_targets_.get(i) & 0xffffu;
        const std::uint32_t rank = staged_targets_.get(i) >> 16;
        const std::uint64_t row = staged_rows_.get(i);
        list(target, hits_.get(target) + rank, static_cast<std::uint32_t>(row),
             float_of_bits(static_cast<std::uint32_t>(row >> 32)));
      }
    });
  }

  // Numbers the staged rows of each target, above the bits of the target, and counts them.
  KLEIO_KERNEL_CODE void rank_staged(std::uint32_t count) {
    static_assert(kMostItemTargets <= 0x10000 && kMostStaged <= 0x10000);
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
        const std::uint32_t target = staged_targets_.get(i);
        staged_targets_.set(i, target | hits_.add(target, 1) << 16);
      }
    });
    block_.barrier();
  }

  // Turns each target's number of hits into the first place of its list that they take.
  KLEIO_KERNEL_CODE void take_places() {
    block_.each([&](std::uint32_t thread) {
      const std::uint32_t targets = item_.target_tile_count * kTileTargets;
      for (std::uint32_t t = thread; t < targets; t += Block::kThreads) {
        const std::uint32_t hits = hits_.get(t);
        if (hits > 0) hits_.set(t, Block::add(lists_.counts + first_target_ + t, hits));
      }
    });
    block_.barrier();
  }

  Block& block_;
  const CandidateLists& lists_;
  const ScanItem item_;
  const HistoryParams history_;
  const std::uint32_t first_target_;
  const std::uint32_t stage_capacity_;
  const Shared<std::uint32_t> staged_;
  const Shared<std::uint32_t> hits_;
  const Shared<std::uint64_t> staged_rows_;
  const Shared<std::uint32_t> staged_targets_;
  Products products_;
  typename Block::template PerThread<Reciprocals> reciprocals_;
};

}  // namespace kleio::cuda
