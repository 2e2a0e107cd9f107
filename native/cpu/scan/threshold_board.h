// Where threads that share a target's rows tell each other how good their candidates are.
//
// Each thread publishes, per target, a rank that K / threads of its candidates reach. The least of
// the published ranks is then reached by K rows in all: a threshold as high as if one thread had
// seen all rows, where each thread's own K-th best would let nearly twice as many rows pass.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace kleio {

class ThresholdBoard {
 public:
  ThresholdBoard(std::size_t threads, std::size_t targets, std::size_t k)
      : targets_(targets), share_((k + threads - 1) / threads), ranks_(threads * targets) {
    for (std::atomic<std::int32_t>& rank : ranks_) rank.store(kNothing, std::memory_order_relaxed);
  }

  // How many candidates of a thread must reach what it publishes.
  std::size_t share() const noexcept { return share_; }
  // One thread's places, one a target.
  std::atomic<std::int32_t>* places_of(std::size_t thread) noexcept {
    return ranks_.data() + thread * targets_;
  }
  // A rank that K rows reach; kNothing while a thread has not published.
  std::int32_t reached_by_all(std::size_t target) const noexcept {
    std::int32_t least = std::numeric_limits<std::int32_t>::max();
    for (std::size_t place = target; place < ranks_.size(); place += targets_) {
      least = std::min(least, ranks_[place].load(std::memory_order_relaxed));
    }
    return least;
  }

  static constexpr std::int32_t kNothing = std::numeric_limits<std::int32_t>::min();

 private:
  std::size_t targets_;
  std::size_t share_;
  std::vector<std::atomic<std::int32_t>> ranks_;
};

}  // namespace kleio
