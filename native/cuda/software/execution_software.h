// The execution policy of a CPU (cuda/kernels/execution.h): one block, all of its threads in turn.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"
#include "cuda/software/software_copies.h"
#include "cuda/software/software_mma.h"
#include "cuda/software/software_publishing.h"
#include "cuda/software/software_shared_memory.h"
#include "cuda/software/software_warpgroups.h"

namespace kleio::cuda {

template <std::uint32_t kBlockThreads>
class SoftwareBlock {
  static_assert(kBlockThreads % kWarpLanes == 0);

 public:
  static constexpr std::uint32_t kThreads = kBlockThreads;

  // Values start as garbage, as registers do.
  template <typename T>
  class PerThread {
   public:
    PerThread() : values_(std::make_unique_for_overwrite<T[]>(kThreads)) {}
    T& operator[](std::uint32_t thread) { return values_[thread]; }
    const T& operator[](std::uint32_t thread) const { return values_[thread]; }

   private:
    std::unique_ptr<T[]> values_;
  };

  template <typename T>
  using Shared = SoftwareShared<T>;

  // `launch` keeps what the block publishes without a fence, if its blocks read one another's.
  SoftwareBlock(std::uint32_t index, std::size_t shared_bytes, std::uint64_t seed,
                SoftwareLaunchStores* launch = nullptr)
      : index_(index),
        memory_(shared_bytes),
        copies_(memory_, kThreads),
        warpgroups_(memory_),
        publishing_(launch),
        random_(seed) {}

  std::uint32_t index() const noexcept { return index_; }

  // Threads in an order that changes from phase to phase.
  template <typename Work>
  void each(Work work) {
    warpgroups_.use_registers();
    const std::uint64_t draw = random_();
    const auto first = static_cast<std::uint32_t>(draw % kThreads);
    const std::uint32_t step = (draw >> 32 & 1) != 0 ? 1 : kThreads - 1;
    for (std::uint32_t i = 0, thread = first; i < kThreads;
         ++i, thread = (thread + step) % kThreads) {
      set_thread(thread);
      work(thread);
    }
    set_thread(SoftwareSharedMemory::kAllThreads);
  }

  void barrier() noexcept {
    memory_.end_epoch();
    publishing_.end_epoch();
  }
  void reconverge() const noexcept {}

  template <typename Read, typename Write>
  void shuffle_xor(std::uint32_t lane_mask, Read read, Write write) {
    exchange(read, write, [lane_mask](std::uint32_t lane) { return lane ^ lane_mask; });
  }

  template <typename Read, typename Write>
  void shuffle_up(std::uint32_t lanes, Read read, Write write) {
    exchange(read, write,
             [lanes](std::uint32_t lane) { return lane < lanes ? lane : lane - lanes; });
  }

  template <typename Read, typename Write>
  void ballot(Read read, Write write) {
    std::array<std::uint32_t, kThreads / kWarpLanes> votes{};
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      votes[thread / kWarpLanes] |= static_cast<std::uint32_t>(bool{read(thread)})
                                    << thread % kWarpLanes;
    }
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      write(thread, votes[thread / kWarpLanes]);
    }
  }

  template <typename Read, typename Write>
  void sum_lanes(Read read, Write write) {
    reduce(read, write, [](std::uint32_t a, std::uint32_t b) { return a + b; });
  }

  template <typename Read, typename Write>
  void largest_lane(Read read, Write write) {
    reduce(read, write, [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); });
  }

  template <CodeType kCode, typename Operands>
  void multiply_add(Operands operands) {
    for (std::uint32_t first = 0; first < kThreads; first += kWarpLanes) {
      using Sum = std::remove_reference_t<decltype(operands(first).c[0])>;
      WarpFragments<Sum> fragments;
      for (std::uint32_t lane = 0; lane < kWarpLanes; ++lane) {
        const auto m = operands(first + lane);
        std::copy_n(m.a, 4, fragments.a[lane].begin());
        std::copy_n(m.b, 2, fragments.b[lane].begin());
        std::copy_n(m.c, 4, fragments.c[lane].begin());
      }
      if constexpr (kCode == CodeType::kInt8) {
        multiply_add_int8(fragments);
      } else {
        multiply_add_float<kCode>(fragments, random_);
      }
      for (std::uint32_t lane = 0; lane < kWarpLanes; ++lane) {
        std::copy_n(fragments.c[lane].begin(), 4, operands(first + lane).c);
      }
    }
  }

  // Blocks run one after another here.
  static std::uint32_t add(std::uint32_t* address, std::uint32_t value) {
    const std::uint32_t before = *address;
    *address = before + value;
    return before;
  }

  void publish(float* address, float value) { publishing_.hold({address, value, thread_}); }
  float published(const float* address) const {
    if (!fenced_) throw std::logic_error("published memory read without a fence after a ticket");
    return *address;
  }
  void fence() {
    publishing_.fence(thread_);
    fenced_ = true;
  }
  std::uint32_t take_ticket(std::uint32_t* counter) {
    fenced_ = false;
    publishing_.take_ticket();
    return (*counter)++;
  }

  static Words load(const std::byte* address) {
    if (reinterpret_cast<std::uintptr_t>(address) % sizeof(Words) != 0) {
      throw std::logic_error("unaligned load of 16 bytes");
    }
    Words words;
    std::memcpy(&words, address, sizeof words);
    return words;
  }
  static Words load_once(const std::byte* address) { return load(address); }
  static std::uint32_t load_word(const std::byte* address) {
    if (reinterpret_cast<std::uintptr_t>(address) % sizeof(std::uint32_t) != 0) {
      throw std::logic_error("unaligned load of 4 bytes");
    }
    std::uint32_t word;
    std::memcpy(&word, address, sizeof word);
    return word;
  }

  void copy_async(std::uint32_t offset_bytes, const std::byte* from, bool present) {
    copies_.begin(thread_, offset_bytes, from, present);
  }
  void commit_copies() { copies_.commit(); }
  template <std::uint32_t kLater>
  void wait_copies() {
    copies_.wait(kLater);
  }
  void fence_async() noexcept { memory_.fence_async(); }

  static std::uint32_t shared_address(std::uint32_t offset_bytes) noexcept {
    return SoftwareWarpgroups::kSharedAddress + offset_bytes;
  }
  void wgmma_fence() noexcept { warpgroups_.fence(); }
  template <std::uint32_t kColumns, typename Operands>
  void wgmma(Operands operands) {
    static_assert(kThreads % kWarpgroupThreads == 0);
    for (std::uint32_t first = 0; first < kThreads; first += kWarpgroupThreads) {
      WarpgroupOperands of;
      of.columns = kColumns;
      for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
        const WgmmaOperands<kColumns> m = operands(first + thread);
        of.sums[thread] = m.sums;
        of.a[thread] = m.a;
        of.b[thread] = m.b;
        of.adds = m.adds;
      }
      warpgroups_.begin(of, random_);
    }
  }
  void wgmma_commit() { warpgroups_.commit(); }
  template <std::uint32_t kLater, std::uint32_t kColumns, typename Sums>
  void wgmma_wait(Sums sums) {
    warpgroups_.wait(kLater);
    for (std::uint32_t first = 0; first < kThreads; first += kWarpgroupThreads) {
      warpgroups_.require_done(sums(first));
    }
  }

  template <typename T>
  Shared<T> shared(std::uint32_t offset_bytes, std::uint32_t count) {
    return Shared<T>(memory_, offset_bytes, count);
  }

 private:
  void set_thread(std::uint32_t thread) noexcept {
    thread_ = thread;
    memory_.set_thread(thread);
  }

  template <typename Read, typename Write, typename Source>
  void exchange(Read read, Write write, Source source) {
    std::vector<decltype(read(0u))> values;
    values.reserve(kThreads);
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) values.push_back(read(thread));
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      const std::uint32_t lane = thread % kWarpLanes;
      write(thread, values[thread - lane + source(lane)]);
    }
  }

  template <typename Read, typename Write, typename Combine>
  void reduce(Read read, Write write, Combine combine) {
    std::array<std::uint32_t, kThreads / kWarpLanes>
        results{};  // 0 changes neither sum nor maximum
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      std::uint32_t& result = results[thread / kWarpLanes];
      result = combine(result, std::uint32_t{read(thread)});
    }
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      write(thread, results[thread / kWarpLanes]);
    }
  }

  std::uint32_t index_;
  std::uint32_t thread_ = SoftwareSharedMemory::kAllThreads;
  bool fenced_ = true;  // since the last ticket
  SoftwareSharedMemory memory_;
  SoftwareCopies copies_;
  SoftwareWarpgroups warpgroups_;
  SoftwarePublishing publishing_;
  std::mt19937_64 random_;
};

}  // namespace kleio::cuda
