// The asynchronous copies of a software block (cp.async): what they bring is not there before its
// thread has waited for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <vector>

#include "cuda/kernels/execution.h"
#include "cuda/software/software_shared_memory.h"

namespace kleio::cuda {

class SoftwareCopies {
 public:
  SoftwareCopies(SoftwareSharedMemory& memory, std::uint32_t threads)
      : memory_(memory), begun_(threads) {}

  // By a thread.
  void begin(std::uint32_t thread, std::uint32_t offset, const std::byte* from, bool present) {
    if (offset % sizeof(Words) != 0 ||
        reinterpret_cast<std::uintptr_t>(from) % sizeof(Words) != 0) {
      throw std::logic_error("unaligned copy of 16 bytes");
    }
    memory_.begin_copy(offset, sizeof(Words));
    Copy copy{offset, {}};
    if (present) std::memcpy(&copy.words, from, sizeof copy.words);
    begun_[thread].push_back(copy);
  }

  // By all threads.
  void commit() {
    groups_.push_back(begun_);
    for (auto& copies : begun_) copies.clear();
  }

  void wait(std::uint32_t later) {
    for (; groups_.size() > later; groups_.pop_front()) {
      for (std::uint32_t thread = 0; thread < begun_.size(); ++thread) {
        memory_.set_thread(thread);
        for (const Copy& copy : groups_.front()[thread]) {
          memory_.finish_copy(copy.offset, &copy.words, sizeof copy.words);
        }
      }
      memory_.set_thread(SoftwareSharedMemory::kAllThreads);
    }
  }

 private:
  struct Copy {
    std::uint32_t offset;
    Words words;
  };
  using OfThreads = std::vector<std::vector<Copy>>;

  SoftwareSharedMemory& memory_;
  OfThreads begun_;
  std::deque<OfThreads> groups_;
};

}  // namespace kleio::cuda
