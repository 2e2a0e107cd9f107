// A value that at least K of the bounds of a target reach, and not many more.
//
// The K-th largest of the maxima of disjoint groups of bounds is such a value: K groups hold one
// that reaches it. With four times as many groups as K hardly two of the K largest bounds share a
// group, so one pass over the bounds is enough; the rest happens in shared memory. Where K is large
// for the groups there is room for, bisection goes on over the bounds themselves.
//
// Latency   A pass waits for memory once every kAhead bounds of a thread: that many loads are
//           issued before the first of them is used. A warp with a target of its own has 16 of 128
//           bytes under way, 2 KB; eight such warps on a multiprocessor have 16 KB, and about 6 KB
//           saturate its path to L2 (24 bytes a cycle, 270 cycles).
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

  // `groups` has room for `capacity` words, at least kAtOnce * kThreads; bounds are [count].
  KLEIO_KERNEL_CODE BlockThreshold(Block& block, const WarpWords<Block>& words,
                                   const Groups& groups, std::uint32_t capacity,
                                   const float* bounds, std::uint32_t count, std::uint32_t k)
      : block_(block), words_(words), groups_(groups), bounds_(bounds), count_(count), k_(k) {
    const std::uint32_t wanted = (4 * k + kSet - 1) / kSet;
    const std::uint32_t room = capacity / kSet;
    sets_ = wanted < room ? wanted : room;
  }

  // Orderable bits of the threshold; kEmptyBlock if fewer than K blocks hold eligible rows.
  KLEIO_KERNEL_CODE std::uint32_t bits() {
    find_maxima();
    const auto of_groups = [&](std::uint32_t least) { return groups_reaching(least); };
    const auto of_bounds = [&](std::uint32_t least) { return bounds_reaching(least); };
    const std::uint32_t groups = sets_ * kSet;
    // All groups reach the least of their maxima, so bisection may begin there.
    std::uint32_t low = groups >= k_ && least_ > kEmptyBlock ? least_ : kEmptyBlock + 1;
    std::uint32_t reached = groups_reaching(low);
    if (reached >= k_) low = bisect(of_groups, low, reached, k_ + k_ / 16);
    if (groups >= count_) return reached >= k_ ? low : kEmptyBlock;
    if (groups >= 4 * k_ && reached >= k_) return low;
    reached = bounds_reaching(low);
    return reached < k_ ? kEmptyBlock : bisect(of_bounds, low, reached, k_ + k_ / 4);
  }

 private:
  // Bounds that a thread loads before it looks at the first of them.
  static constexpr std::uint32_t kAhead = Block::kThreads == kWarpLanes ? 16 : 8;
  // Groups of a thread whose bounds it loads at once, kAhead / kAtOnce of each.
  static constexpr std::uint32_t kAtOnce = 8;
  static constexpr std::uint32_t kSet = kAtOnce * Block::kThreads;

  // Groups are strided, so that threads read neighbouring bounds: group g holds g, g + groups, ...
  // Of a set of kSet neighbouring groups a thread has every kThreads-th.
  KLEIO_KERNEL_CODE void find_maxima() {
    block_.each([&](std::uint32_t thread) {
      std::uint32_t largest_of_all = 0;
      std::uint32_t least = 0xffffffffu;
      for (std::uint32_t set = 0; set < sets_; ++set) {
        float largest[kAtOnce];
        find_maxima(set * kSet + thread, largest);
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kAtOnce; ++i) {
          const std::uint32_t bits = orderable_bits(largest[i]);
          groups_.set(set * kSet + i * Block::kThreads + thread, bits);
          largest_of_all = largest_of_all < bits ? bits : largest_of_all;
          least = bits < least ? bits : least;
        }
      }
      largest_[thread] = largest_of_all;
      least_of_thread_[thread] = least;
    });
    above_all_ = 1 + block_max(block_, words_, [&](std::uint32_t t) { return largest_[t]; });
    least_ = ~block_max(block_, words_, [&](std::uint32_t t) { return ~least_of_thread_[t]; });
  }

  // Of the groups first, first + kThreads, ...; -infinity where a group is empty.
  KLEIO_KERNEL_CODE void find_maxima(std::uint32_t first, float (&largest)[kAtOnce]) const {
    const std::uint32_t groups = sets_ * kSet;
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kAtOnce; ++i) largest[i] = empty();
    for (std::uint32_t next = first; next < count_; next += kAhead / kAtOnce * groups) {
      float bounds[kAhead / kAtOnce][kAtOnce];
      KLEIO_UNROLL for (std::uint32_t row = 0; row < kAhead / kAtOnce; ++row) {
        load_ahead(next + row * groups, bounds[row]);
      }
      KLEIO_UNROLL for (std::uint32_t i = 0; i < kAhead; ++i) {
        largest[i % kAtOnce] = fmaxf(largest[i % kAtOnce], bounds[i / kAtOnce][i % kAtOnce]);
      }
    }
  }

  // Bounds first, first + kThreads, ...; those past the end are empty. Loads from one address on,
  // each under a condition of its own, are issued one after the other.
  template <std::uint32_t kCount>
  KLEIO_KERNEL_CODE void load_ahead(std::uint32_t first, float (&bounds)[kCount]) const {
    const float* const from = bounds_ + first;
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kCount; ++i) {
      const bool present = first + i * Block::kThreads < count_;
      bounds[i] = present ? block_.published(from + i * Block::kThreads) : empty();
    }
  }

  KLEIO_KERNEL_CODE static float empty() { return float_of_bits(0xff800000u); }

  // A thread reads the groups that it wrote.
  KLEIO_KERNEL_CODE std::uint32_t groups_reaching(std::uint32_t least) {
    return block_sum(block_, words_, [&](std::uint32_t thread) {
      std::uint32_t reached = 0;
      for (std::uint32_t set = 0; set < sets_; ++set) {
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kAtOnce; ++i) {
          const std::uint32_t group = set * kSet + i * Block::kThreads + thread;
          reached += groups_.get(group) >= least ? 1u : 0u;
        }
      }
      return reached;
    });
  }

  KLEIO_KERNEL_CODE std::uint32_t bounds_reaching(std::uint32_t least) {
    return block_sum(block_, words_, [&](std::uint32_t thread) {
      std::uint32_t reached = 0;
      for (std::uint32_t first = thread; first < count_; first += kAhead * Block::kThreads) {
        float bounds[kAhead];
        load_ahead(first, bounds);
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kAhead; ++i) {
          reached += orderable_bits(bounds[i]) >= least ? 1u : 0u;
        }
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
  std::uint32_t sets_ = 1;
  std::uint32_t above_all_ = 0;
  std::uint32_t least_ = 0;  // of the groups' maxima
  typename Block::template PerThread<std::uint32_t> largest_, least_of_thread_;
};

}  // namespace kleio::cuda
