// A value that at least K of the bounds of a target reach, and not many more.
//
// The K-th largest of the maxima of disjoint groups of bounds is such a value: K groups hold one
// that reaches it. With four times as many groups as K hardly two of the K largest bounds share a
// group, so one pass over the bounds is enough; the rest happens in shared memory. Where K is large
// for the groups there is room for, bisection goes on over the bounds themselves.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/order.h"
#include "cuda/kernels/block_algorithms.cuh"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

// Orderable bits of -infinity, which blocks without eligible rows hold.
inline constexpr std::uint32_t kEmptyBlock = 0x007fffffu;

// What a row of the K best is sure to reach, given the bits of a value that K bounds reach, each at
// most `margin` above the score of a row of its block.
KLEIO_KERNEL_CODE float certified_cut(const TargetRecord& record, std::uint32_t bits,
                                      float margin) {
  if (bits == kEmptyBlock) return record.first_threshold;
  return fmaxf(record.first_threshold, score_of_orderable_bits(bits) - margin);
}

// Whether estimates of the target have a bound.
KLEIO_KERNEL_CODE bool is_proven(const TargetRecord& record) {
  return record.margin < float_of_bits(0x7f800000u);
}

template <typename Block>
class BlockThreshold {
 public:
  using Groups = typename Block::template Shared<std::uint32_t>;

  // `groups` has room for `capacity` words, at least kThreads; bounds are [count].
  KLEIO_KERNEL_CODE BlockThreshold(Block& block, const WarpWords<Block>& words,
                                   const Groups& groups, std::uint32_t capacity,
                                   const float* bounds, std::uint32_t count, std::uint32_t k)
      : block_(block), words_(words), groups_(groups), bounds_(bounds), count_(count), k_(k) {
    const std::uint32_t wanted = (4 * k + Block::kThreads - 1) / Block::kThreads;
    const std::uint32_t room = capacity / Block::kThreads;
    groups_per_thread_ = wanted < room ? wanted : room;
  }

  // Orderable bits of the threshold; kEmptyBlock if fewer than K blocks hold eligible rows.
  KLEIO_KERNEL_CODE std::uint32_t bits() {
    find_maxima();
    const auto of_groups = [&](std::uint32_t least) { return groups_reaching(least); };
    const auto of_bounds = [&](std::uint32_t least) { return bounds_reaching(least); };
    const std::uint32_t lowest = kEmptyBlock + 1;
    std::uint32_t low = lowest;
    std::uint32_t reached = groups_reaching(low);
    if (reached >= k_) low = bisect(of_groups, low, reached, k_ + k_ / 16);
    const std::uint32_t groups = groups_per_thread_ * Block::kThreads;
    if (groups >= count_) return reached >= k_ ? low : kEmptyBlock;
    if (groups >= 4 * k_ && reached >= k_) return low;
    reached = bounds_reaching(low);
    return reached < k_ ? kEmptyBlock : bisect(of_bounds, low, reached, k_ + k_ / 4);
  }

 private:
  // Groups are strided, so that threads read neighbouring bounds: group g holds g, g + groups, ...
  KLEIO_KERNEL_CODE void find_maxima() {
    block_.each([&](std::uint32_t thread) {
      std::uint32_t largest_of_all = 0;
      const std::uint32_t groups = groups_per_thread_ * Block::kThreads;
      for (std::uint32_t group = thread; group < groups; group += Block::kThreads) {
        std::uint32_t largest = 0;
        for (std::uint32_t i = group; i < count_; i += groups) {
          const std::uint32_t bits = orderable_bits(block_.published(bounds_ + i));
          largest = largest < bits ? bits : largest;
        }
        groups_.set(group, largest);
        largest_of_all = largest_of_all < largest ? largest : largest_of_all;
      }
      largest_[thread] = largest_of_all;
    });
    above_all_ = 1 + block_max(block_, words_, [&](std::uint32_t t) { return largest_[t]; });
  }

  // A thread reads the groups that it wrote.
  KLEIO_KERNEL_CODE std::uint32_t groups_reaching(std::uint32_t least) {
    return block_sum(block_, words_, [&](std::uint32_t thread) {
      std::uint32_t reached = 0;
      for (std::uint32_t i = 0; i < groups_per_thread_; ++i) {
        reached += groups_.get(i * Block::kThreads + thread) >= least ? 1u : 0u;
      }
      return reached;
    });
  }

  KLEIO_KERNEL_CODE std::uint32_t bounds_reaching(std::uint32_t least) {
    return block_sum(block_, words_, [&](std::uint32_t thread) {
      std::uint32_t reached = 0;
      for (std::uint32_t i = thread; i < count_; i += Block::kThreads) {
        reached += orderable_bits(block_.published(bounds_ + i)) >= least ? 1u : 0u;
      }
      return reached;
    });
  }

  // The largest value that K reach, or one that at most `enough` reach. `reached` >= K reach `low`.
  template <typename Reaching>
  KLEIO_KERNEL_CODE std::uint32_t bisect(Reaching reaching, std::uint32_t low,
                                         std::uint32_t reached, std::uint32_t enough) const {
    std::uint32_t high = above_all_;
    while (high - low > 1 && reached > enough) {
      const std::uint32_t middle = low + (high - low) / 2;
      const std::uint32_t found = reaching(middle);
      if (found >= k_) {
        low = middle;
        reached = found;
      } else {
        high = middle;
      }
    }
    return low;
  }

  Block& block_;
  const WarpWords<Block> words_;
  const Groups groups_;
  const float* bounds_;
  const std::uint32_t count_;
  const std::uint32_t k_;
  std::uint32_t groups_per_thread_ = 1;
  std::uint32_t above_all_ = 0;
  typename Block::template PerThread<std::uint32_t> largest_;
};

}  // namespace kleio::cuda
