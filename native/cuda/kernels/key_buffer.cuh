// The K largest of any number of order keys, in shared memory.
//
// Threads offer keys in batches. Those above `floor` are appended; when a batch does not fit, the
// buffer is sorted and cut to K, and its last key becomes the floor. So the capacity bounds how
// often that happens, never what is found, and because keys are unique the result does not depend
// on the order of offers.
#pragma once

#include <cassert>
#include <cstdint>

#include "core/order.h"
#include "cuda/kernels/bit_counts.cuh"
#include "cuda/kernels/block_algorithms.cuh"
#include "cuda/kernels/execution.h"

namespace kleio::cuda {

inline constexpr OrderKey kNoKey = 0;  // below the key of every finite score

template <typename Block>
class KeyBuffer {
 public:
  using Keys = typename Block::template Shared<OrderKey>;

  // `capacity` is a power of two, at least k + kThreads.
  KLEIO_KERNEL_CODE KeyBuffer(Block& block, const Keys& keys, const WarpWords<Block>& words,
                              std::uint32_t capacity, std::uint32_t k)
      : block_(block), keys_(keys), words_(words), capacity_(capacity), k_(k) {
    assert(count_ones(capacity) == 1 && capacity >= k + Block::kThreads);
  }

  // read(thread) is a key or kNoKey. Returns how many of them were above the floor.
  template <typename Read>
  KLEIO_KERNEL_CODE std::uint32_t offer(Read read) {
    std::uint32_t total = place(read);
    if (total == 0) return 0;
    if (count_ + total > capacity_) {
      keep_largest();
      ++compactions_;
      total = place(read);
    }
    assert(count_ + total <= capacity_);
    block_.each([&](std::uint32_t thread) {
      if (read(thread) > floor_) keys_.set(count_ + places_[thread], read(thread));
    });
    count_ += total;  // whoever reads the keys sorts them first, behind a barrier
    return total;
  }

  // Sorts, largest first, and cuts to K.
  KLEIO_KERNEL_CODE void keep_largest() {
    sort();
    if (count_ < k_) return;
    count_ = k_;
    floor_ = keys_.get(k_ - 1);
  }

  KLEIO_KERNEL_CODE std::uint32_t count() const { return count_; }
  KLEIO_KERNEL_CODE OrderKey floor() const { return floor_; }  // kNoKey until K keys are known
  KLEIO_KERNEL_CODE std::uint32_t compactions() const { return compactions_; }
  KLEIO_KERNEL_CODE const Keys& keys() const { return keys_; }

 private:
  template <typename Read>
  KLEIO_KERNEL_CODE std::uint32_t place(Read read) {
    return block_places(
        block_, words_, [&](std::uint32_t thread) { return read(thread) > floor_; },
        [&](std::uint32_t thread, std::uint32_t before) { places_[thread] = before; });
  }

  // Bitonic, in descending order, padded with kNoKey to a power of two.
  KLEIO_KERNEL_CODE void sort() {
    std::uint32_t size = 2;
    while (size < count_) size *= 2;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = count_ + thread; i < size; i += Block::kThreads) keys_.set(i, kNoKey);
    });
    block_.barrier();
    for (std::uint32_t run = 2; run <= size; run *= 2) {
      for (std::uint32_t stride = run / 2; stride > 0; stride /= 2) {
        block_.each([&](std::uint32_t thread) {
          for (std::uint32_t pair = thread; pair < size / 2; pair += kAtOnce * Block::kThreads) {
            order_pairs(pair, size / 2, run, stride);
          }
        });
        block_.barrier();
      }
    }
  }

  // Pairs of a thread that it loads before it stores the first.
  static constexpr std::uint32_t kAtOnce = 4;

  // Of the pairs first, first + kThreads, ..., kAtOnce of them.
  KLEIO_KERNEL_CODE void order_pairs(std::uint32_t first, std::uint32_t pairs, std::uint32_t run,
                                     std::uint32_t stride) const {
    OrderKey a[kAtOnce], b[kAtOnce];
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kAtOnce; ++i) {
      const std::uint32_t pair = first + i * Block::kThreads;
      a[i] = pair < pairs ? keys_.get(place_of(pair, stride)) : kNoKey;
      b[i] = pair < pairs ? keys_.get(place_of(pair, stride) + stride) : kNoKey;
    }
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kAtOnce; ++i) {
      const std::uint32_t key = place_of(first + i * Block::kThreads, stride);
      const bool descending = (key & run) == 0;
      if (a[i] == b[i] || descending != (a[i] < b[i])) continue;
      keys_.set(key, b[i]);
      keys_.set(key + stride, a[i]);
    }
  }

  // The place of the first key of a pair.
  KLEIO_KERNEL_CODE static std::uint32_t place_of(std::uint32_t pair, std::uint32_t stride) {
    return 2 * pair - (pair & (stride - 1));
  }

  Block& block_;
  const Keys keys_;
  const WarpWords<Block> words_;
  const std::uint32_t capacity_;
  const std::uint32_t k_;
  std::uint32_t count_ = 0;
  std::uint32_t compactions_ = 0;
  OrderKey floor_ = kNoKey;
  typename Block::template PerThread<std::uint32_t> places_;
};

}  // namespace kleio::cuda
