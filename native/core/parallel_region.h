// One parallel_for in progress: the indices that are left, and who works on them. Lives on its
// caller's stack, so a helper must not touch it after it has left.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <utility>

#include "core/function_ref.h"

namespace kleio {

class ParallelRegion {
 public:
  ParallelRegion(std::size_t count, std::size_t helpers_wanted,
                 FunctionRef<void(std::size_t)> task) noexcept
      : helpers_wanted(helpers_wanted), count_(count), task_(task) {}

  bool exhausted() const noexcept { return next_.load(std::memory_order_relaxed) >= count_; }

  void work() noexcept {
    for (;;) {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= count_) return;
      try {
        task_(index);
      } catch (...) {
        fail(std::current_exception());
      }
    }
  }

  // After the last helper has left.
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

  std::atomic<std::size_t> helpers_inside{0};
  std::size_t helpers_wanted;  // guarded by the pool's mutex, like the next line
  ParallelRegion* next_open = nullptr;

 private:
  void fail(std::exception_ptr failure) noexcept {
    if (!failed_.test_and_set()) failure_ = std::move(failure);
    next_.store(count_, std::memory_order_relaxed);
  }

  std::size_t count_;
  FunctionRef<void(std::size_t)> task_;
  std::atomic<std::size_t> next_{0};
  std::atomic_flag failed_;
  std::exception_ptr failure_;
};

}  // namespace kleio
