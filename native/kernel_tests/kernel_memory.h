// Arrays that kernels read and write, full of what no result may depend on.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "kernel_tests/kernel_runner.h"

namespace kleio::cuda::tests {

template <typename T>
class KernelArray {
 public:
  explicit KernelArray(std::size_t count)
      : values_(static_cast<T*>(allocate(count * sizeof(T)))), count_(count) {
    std::memset(static_cast<void*>(values_.get()), 0xff, count * sizeof(T));
  }
  explicit KernelArray(std::span<const T> values) : KernelArray(values.size()) {
    std::copy(values.begin(), values.end(), values_.get());
  }
  T* get() const { return values_.get(); }
  T* or_null(bool present) const { return present ? values_.get() : nullptr; }
  std::span<T> span() const { return {values_.get(), count_}; }

 private:
  struct Release {
    void operator()(T* values) const { release(static_cast<void*>(values)); }
  };
  std::unique_ptr<T, Release> values_;
  std::size_t count_;
};

}  // namespace kleio::cuda::tests
