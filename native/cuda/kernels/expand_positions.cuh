// From the K best items to the K best positions.
//
// These lie among the positions of the K best items, since K items before another one have K
// positions before all of its. Each round goes one behaviour back in every item whose last one was
// still among the K best; a position K rounds back has K newer ones of its own item before it.
#pragma once

#include <cassert>
#include <cstdint>

#include "core/order.h"
#include "cuda/kernels/key_buffer.cuh"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

KLEIO_KERNEL_CODE bool is_in_time(const HistoryParams& history, double time) {
  return time >= history.since && time <= history.until;
}

// The key of the eligible behaviour before the key's own, of the same item.
KLEIO_KERNEL_CODE OrderKey previous_behaviour(const HistoryParams& history, OrderKey key) {
  assert(key != kNoKey);
  std::uint32_t position = position_of(key);
  for (;;) {
    const std::uint32_t steps = history.steps_back[position];
    if (steps == 0 || steps > position) return kNoKey;
    position -= steps;
    if (history.times == nullptr || is_in_time(history, history.times[position])) {
      return key >> 32 << 32 | position;
    }
  }
}

// `best` holds the items' keys, sorted; afterwards those of the positions, sorted. `cursors` has
// room for k keys.
template <typename Block>
KLEIO_KERNEL_CODE void expand_positions(Block& block, const HistoryParams& history, std::uint32_t k,
                                        const typename KeyBuffer<Block>::Keys& cursors,
                                        KeyBuffer<Block>& best) {
  const std::uint32_t items = best.count();
  block.barrier();
  block.each([&](std::uint32_t thread) {
    for (std::uint32_t i = thread; i < items; i += Block::kThreads) {
      cursors.set(i, best.keys().get(i));
    }
  });
  block.barrier();
  typename Block::template PerThread<OrderKey> offered;
  const auto step_back = [&](std::uint32_t item) {
    const OrderKey last = cursors.get(item);
    const OrderKey key = last == kNoKey ? kNoKey : previous_behaviour(history, last);
    const OrderKey next = key > best.floor() ? key : kNoKey;
    cursors.set(item, next);
    return next;
  };
  std::uint32_t added = 0;
  for (std::uint32_t round = 1; round < k; ++round) {
    std::uint32_t found = 0;
    for (std::uint32_t first = 0; first < items; first += Block::kThreads) {
      block.each([&](std::uint32_t thread) {
        offered[thread] = first + thread < items ? step_back(first + thread) : kNoKey;
      });
      found += best.offer([&](std::uint32_t thread) { return offered[thread]; });
    }
    if (found == 0) break;
    added += found;
  }
  if (added > 0) best.keep_largest();
}

}  // namespace kleio::cuda
