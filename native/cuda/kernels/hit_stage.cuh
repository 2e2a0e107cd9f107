// Where an append keeps the rows that it found until its item is done, and how they get into the
// lists: each target with hits takes its places by one global atomic. What the staging has no room
// for goes to the list at once, by an atomic of its own. So neither buffer bounds what is found.
#pragma once

#include <cstdint>

#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

template <typename Block>
class HitStage {
 public:
  // Of `item`. `layout` divides the block's shared memory.
  KLEIO_KERNEL_CODE HitStage(Block& block, const AppendParams& params, const ScanItem& item,
                             const AppendLayout& layout)
      : block_(block),
        lists_(params.search.lists),
        first_target_(item.first_target_tile * kTileTargets),
        targets_(item.target_tile_count * kTileTargets),
        capacity_(params.stage_capacity),
        staged_(block.template shared<std::uint32_t>(layout.staged, 1)),
        hits_(block.template shared<std::uint32_t>(layout.hits, kMaxItemTargets)),
        staged_rows_(block.template shared<std::uint64_t>(layout.rows, capacity_)),
        staged_targets_(block.template shared<std::uint32_t>(layout.targets, capacity_)) {}

  // Before the first row.
  KLEIO_KERNEL_CODE void clear() {
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t t = thread; t < targets_; t += Block::kThreads) hits_.set(t, 0);
      if (thread == 0) staged_.set(0, 0);
    });
    block_.barrier();
  }

  // By a thread. `target`: among the item's.
  KLEIO_KERNEL_CODE void add(std::uint32_t target, std::uint32_t slot, float estimate) {
    const std::uint32_t place = staged_.add(0, 1);
    if (place < capacity_) {
      staged_rows_.set(place, std::uint64_t{float_bits(estimate)} << 32 | slot);
      staged_targets_.set(place, target);
    } else {
      list(target, Block::add(lists_.counts + first_target_ + target, 1), slot, estimate);
    }
  }

  // After the last row.
  KLEIO_KERNEL_CODE void flush() {
    block_.barrier();
    const std::uint32_t came = staged_.get(0);
    const std::uint32_t count = came < capacity_ ? came : capacity_;
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

 private:
  template <typename T>
  using Shared = typename Block::template Shared<T>;

  KLEIO_KERNEL_CODE void list(std::uint32_t target, std::uint32_t rank, std::uint32_t slot,
                              float estimate) {
    if (rank >= lists_.capacity) return;
    const std::uint64_t place = std::uint64_t{first_target_ + target} * lists_.capacity + rank;
    lists_.estimates[place] = estimate;
    lists_.slots[place] = slot;
  }

  // Numbers the staged rows of each target, above the bits of the target, and counts them.
  KLEIO_KERNEL_CODE void rank_staged(std::uint32_t count) {
    static_assert(kMaxItemTargets <= 0x10000 && kMaxStaged <= 0x10000);
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
      for (std::uint32_t t = thread; t < targets_; t += Block::kThreads) {
        const std::uint32_t hits = hits_.get(t);
        if (hits > 0) hits_.set(t, Block::add(lists_.counts + first_target_ + t, hits));
      }
    });
    block_.barrier();
  }

  Block& block_;
  const CandidateLists& lists_;
  const std::uint32_t first_target_;
  const std::uint32_t targets_;
  const std::uint32_t capacity_;
  const Shared<std::uint32_t> staged_;
  const Shared<std::uint32_t> hits_;
  const Shared<std::uint64_t> staged_rows_;
  const Shared<std::uint32_t> staged_targets_;
};

}  // namespace kleio::cuda
