// What the threads of a block find out together, from operations of warps and a few words of shared
// memory: reductions, prefixes, and whether the block is the last to arrive somewhere.
#pragma once

#include <cstdint>

#include "cuda/kernels/bit_counts.cuh"
#include "cuda/kernels/execution.h"

namespace kleio::cuda {

// A word a warp. Free for others between calls: each call ends with a barrier.
template <typename Block>
using WarpWords = typename Block::template Shared<std::uint32_t>;

// Of the lanes of a warp below the thread's.
KLEIO_KERNEL_CODE std::uint32_t votes_below(std::uint32_t ballot, std::uint32_t thread) {
  return count_ones(ballot & ((1u << thread % kWarpLanes) - 1));
}

template <typename Block>
KLEIO_KERNEL_CODE std::uint32_t sum_of_words(const WarpWords<Block>& words) {
  std::uint32_t total = 0;
  for (std::uint32_t warp = 0; warp < Block::kThreads / kWarpLanes; ++warp) {
    total += words.get(warp);
  }
  return total;
}

// combine() of what each warp has found; all of a warp's threads hold it.
template <typename Block, typename Combine>
KLEIO_KERNEL_CODE std::uint32_t combine_warps(
    Block& block, const WarpWords<Block>& words,
    const typename Block::template PerThread<std::uint32_t>& found, Combine combine) {
  if constexpr (Block::kThreads == kWarpLanes) {
    block.barrier();
    return found[0];  // on a GPU the thread's own, which is the same
  } else {
    block.each([&](std::uint32_t thread) {
      if (thread % kWarpLanes == 0) words.set(thread / kWarpLanes, found[thread]);
    });
    block.barrier();
    std::uint32_t total = words.get(0);
    for (std::uint32_t warp = 1; warp < Block::kThreads / kWarpLanes; ++warp) {
      total = combine(total, words.get(warp));
    }
    block.barrier();
    return total;
  }
}

template <typename Block, typename Read>
KLEIO_KERNEL_CODE std::uint32_t block_sum(Block& block, const WarpWords<Block>& words, Read read) {
  typename Block::template PerThread<std::uint32_t> value;
  block.each([&](std::uint32_t thread) { value[thread] = read(thread); });
  block.sum_lanes([&](std::uint32_t thread) { return value[thread]; },
                  [&](std::uint32_t thread, std::uint32_t sum) { value[thread] = sum; });
  return combine_warps(block, words, value, [](std::uint32_t a, std::uint32_t b) { return a + b; });
}

template <typename Block, typename Read>
KLEIO_KERNEL_CODE std::uint32_t block_max(Block& block, const WarpWords<Block>& words, Read read) {
  typename Block::template PerThread<std::uint32_t> value;
  block.each([&](std::uint32_t thread) { value[thread] = read(thread); });
  block.largest_lane([&](std::uint32_t thread) { return value[thread]; },
                     [&](std::uint32_t thread, std::uint32_t largest) { value[thread] = largest; });
  return combine_warps(block, words, value,
                       [](std::uint32_t a, std::uint32_t b) { return a < b ? b : a; });
}

// write(thread, how many threads below it say yes); returns how many of all do. `read` touches no
// shared memory.
template <typename Block, typename Read, typename Write>
KLEIO_KERNEL_CODE std::uint32_t block_places(Block& block, const WarpWords<Block>& words, Read read,
                                             Write write) {
  typename Block::template PerThread<std::uint32_t> votes;
  block.ballot(read, [&](std::uint32_t thread, std::uint32_t ballot) { votes[thread] = ballot; });
  if constexpr (Block::kThreads == kWarpLanes) {
    block.each([&](std::uint32_t thread) { write(thread, votes_below(votes[thread], thread)); });
    block.barrier();
    return count_ones(votes[0]);  // on a GPU the thread's own, which are the same
  } else {
    block.each([&](std::uint32_t thread) {
      if (thread % kWarpLanes == 0) words.set(thread / kWarpLanes, count_ones(votes[thread]));
    });
    block.barrier();
    block.each([&](std::uint32_t thread) {
      std::uint32_t before = votes_below(votes[thread], thread);
      for (std::uint32_t warp = 0; warp < thread / kWarpLanes; ++warp) before += words.get(warp);
      write(thread, before);
    });
    const std::uint32_t total = sum_of_words<Block>(words);
    block.barrier();
    return total;
  }
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
  const std::uint32_t total = sum_of_words<Block>(words);
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
