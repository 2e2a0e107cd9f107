// Groups of eight sums of which one may be a hit, set aside by the threads that hold them, so that
// threads side by side look through them a tile later. Where one estimate in 250 is a hit, most
// groups of 256 estimates that a warp looks at hold one: listed at once, it would keep 31 threads
// waiting.
//
// Between setting aside and looking through lies a barrier, and another before the tile after next.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/wgmma_append_layout.h"

namespace kleio::cuda {

struct SumGroup {
  std::uint32_t target = 0;     // of the item
  std::uint32_t first_row = 0;  // of the tile
  Words sums[2];                // int32

  // Of sum `i`.
  KLEIO_KERNEL_CODE std::uint32_t row(std::uint32_t i) const {
    return first_row + i / 2 * 8 + i % 2;
  }
  KLEIO_KERNEL_CODE std::int32_t sum(std::uint32_t i) const {
    return static_cast<std::int32_t>(sums[i / 4].w[i % 4]);
  }
};

template <typename Block>
class SumGroups {
 public:
  KLEIO_KERNEL_CODE SumGroups(Block& block, const WgmmaAppendLayout& layout)
      : capacity_(layout.group_capacity),
        counts_(block.template shared<std::uint32_t>(layout.group_counts, kCounts)),
        places_(block.template shared<std::uint32_t>(layout.group_places, 2 * capacity_)),
        sums_(block.template shared<Words>(layout.group_sums, 4 * capacity_)) {}

  // All by a thread. Before the first tile:
  KLEIO_KERNEL_CODE void clear(std::uint32_t thread) const {
    if (thread < kCounts) counts_.set(thread, 0);
  }
  // While a tile is worked on, for the next one.
  KLEIO_KERNEL_CODE void clear_after(std::uint32_t thread, std::uint32_t tile) const {
    if (thread == 0) counts_.set((tile + 1) % kCounts, 0);
  }

  // False where there is no place left.
  KLEIO_KERNEL_CODE bool set_aside(std::uint32_t tile, const SumGroup& group) const {
    const std::uint32_t i = counts_.add(tile % kCounts, 1);
    if (i >= capacity_) return false;
    const std::uint32_t place = tile % 2 * capacity_ + i;
    places_.set(place, group.target << 16 | group.first_row);
    sums_.set(2 * place, group.sums[0]);
    sums_.set(2 * place + 1, group.sums[1]);
    return true;
  }

  // Calls visit(group) for the thread's share of those of a tile.
  template <typename Visit>
  KLEIO_KERNEL_CODE void look_through(std::uint32_t thread, std::uint32_t tile, Visit visit) const {
    const std::uint32_t came = counts_.get(tile % kCounts);
    const std::uint32_t count = came < capacity_ ? came : capacity_;
    for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
      const std::uint32_t place = tile % 2 * capacity_ + i;
      const std::uint32_t of = places_.get(place);
      visit(SumGroup{of >> 16, of & 0xffffu, {sums_.get(2 * place), sums_.get(2 * place + 1)}});
    }
  }

 private:
  // Of the last tile, of this one and of the next; a power of two.
  static constexpr std::uint32_t kCounts = 4;

  template <typename T>
  using Shared = typename Block::template Shared<T>;

  const std::uint32_t capacity_;
  const Shared<std::uint32_t> counts_;
  const Shared<std::uint32_t> places_;
  const Shared<Words> sums_;
};

}  // namespace kleio::cuda
