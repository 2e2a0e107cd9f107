// What the threads of a block find out together, from shuffles and a few words of shared memory:
// reductions, prefixes, and whether the block is the last to arrive somewhere.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"

namespace kleio::cuda {

// A word a warp. Free for others between calls: each call ends with a barrier.
template <typename Block>
using WarpWords = typename Block::template Shared<std::uint32_t>;

// combine(read(0), combine(read(1), ...)) for all threads; `combine` is associative, commutative.
template <typename Block, typename Read, typename Combine>
KLEIO_KERNEL_CODE std::uint32_t block_reduce(Block& block, const WarpWords<Block>& words, Read read,
                                             Combine combine) {
  typename Block::template PerThread<std::uint32_t> value;
  block.each([&](std::uint32_t thread) { value[thread] = read(thread); });
  KLEIO_UNROLL for (std::uint32_t mask = kWarpLanes / 2; mask > 0; mask /= 2) {
    block.shuffle_xor(
        mask, [&](std::uint32_t thread) { return value[thread]; },
        [&](std::uint32_t thread, std::uint32_t other) {
          value[thread] = combine(value[thread], other);
        });
  }
  block.each([&](std::uint32_t thread) {
    if (thread % kWarpLanes == 0) words.set(thread / kWarpLanes, value[thread]);
  });
  block.barrier();
  std::uint32_t total = words.get(0);
  for (std::uint32_t warp = 1; warp < Block::kThreads / kWarpLanes; ++warp) {
    total = combine(total, words.get(warp));
  }
  block.barrier();
  return total;
}

template <typename Block, typename Read>
KLEIO_KERNEL_CODE std::uint32_t block_sum(Block& block, const WarpWords<Block>& words, Read read) {
  return block_reduce(block, words, read, [](std::uint32_t a, std::uint32_t b) { return a + b; });
}

template <typename Block, typename Read>
KLEIO_KERNEL_CODE std::uint32_t block_max(Block& block, const WarpWords<Block>& words, Read read) {
  return block_reduce(block, words, read,
                      [](std::uint32_t a, std::uint32_t b) { return a < b ? b : a; });
}

// write(thread, sum of read(i) over i < thread); returns the sum over all threads.
template <typename Block, typename Read, typename Write>
KLEIO_KERNEL_CODE std::uint32_t block_prefix(Block& block, const WarpWords<Block>& words, Read read,
                                             Write write) {
  typename Block::template PerThread<std::uint32_t> sum;  // of the warp, up to the thread
  block.each([&](std::uint32_t thread) { sum[thread] = read(thread); });
  KLEIO_UNROLL for (std::uint32_t lanes = 1; lanes < kWarpLanes; lanes *= 2) {
    block.shuffle_up(
        lanes, [&](std::uint32_t thread) { return sum[thread]; },
        [&](std::uint32_t thread, std::uint32_t other) {
          if (thread % kWarpLanes >= lanes) sum[thread] += other;
        });
  }
  block.each([&](std::uint32_t thread) {
    if (thread % kWarpLanes == kWarpLanes - 1) words.set(thread / kWarpLanes, sum[thread]);
  });
  block.barrier();
  block.each([&](std::uint32_t thread) {
    std::uint32_t before = sum[thread] - read(thread);
    for (std::uint32_t warp = 0; warp < thread / kWarpLanes; ++warp) before += words.get(warp);
    write(thread, before);
  });
  std::uint32_t total = 0;
  for (std::uint32_t warp = 0; warp < Block::kThreads / kWarpLanes; ++warp)
    total += words.get(warp);
  block.barrier();
  return total;
}

// True in the last of `expected` blocks to come here, which reads what all of them published. The
// counter is zero before the first, and again after the last. Takes the first word of shared
// memory, between barriers.
template <typename Block>
KLEIO_KERNEL_CODE bool arrives_last(Block& block, std::uint32_t* arrivals, std::uint32_t expected) {
  const auto answer = block.template shared<std::uint32_t>(0, 1);
  block.barrier();
  block.each([&](std::uint32_t thread) {
    if (thread != 0) return;
    block.fence();
    const bool last = block.take_ticket(arrivals) == expected - 1;
    block.fence();
    if (last) *arrivals = 0;
    answer.set(0, last ? 1u : 0u);
  });
  block.barrier();
  const bool last = answer.get(0) != 0;
  block.barrier();
  return last;
}

}  // namespace kleio::cuda
