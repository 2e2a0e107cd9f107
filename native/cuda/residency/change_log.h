// The slots of a history that changed lately, numbered from the history's beginning.
//
// One thread writes, any thread reads. Between two versions of the history exactly the slots logged
// between them may differ, whichever of the two is older.
#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <vector>

namespace kleio::cuda {

class ChangeLog {
 public:
  static constexpr std::uint64_t kEntries = 1024;

  void add(std::uint32_t slot) noexcept {
    const std::uint64_t version = version_.load(std::memory_order_relaxed);
    // Released, so that who reads this entry also sees that the version has come this far.
    entries_[version % kEntries].store(slot, std::memory_order_release);
    version_.store(version + 1, std::memory_order_release);
  }

  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  // Appends the slots logged from one version to the other, repeats included. False: some of them
  // are forgotten, and `slots` is of no use.
  bool between(std::uint64_t from, std::uint64_t to, std::vector<std::uint32_t>& slots) const {
    assert(from <= to);
    if (to - from >= kEntries) return false;
    for (std::uint64_t v = from; v < to; ++v) {
      slots.push_back(entries_[v % kEntries].load(std::memory_order_acquire));
    }
    // An entry is overwritten while the version is still the overwriting one's own number.
    return from + kEntries > version();
  }

 private:
  std::array<std::atomic<std::uint32_t>, kEntries> entries_{};
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace kleio::cuda
