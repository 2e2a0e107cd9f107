// Arrays in the memory of a device, which a test fills and reads by copies alone: what a GPU has is
// not the host's, and what a kernel writes is not seen before it is fetched.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace kleio::cuda::tests {

// Device memory, aligned to 256 bytes, no longer than asked for and full of 0xff: no result may
// depend on what it holds. What fails ends the program.
void* allocate(std::size_t bytes);
void free_memory(void* memory) noexcept;
void copy_to_device(void* device, const void* host, std::size_t bytes);
void copy_from_device(void* host, const void* device, std::size_t bytes);

// What a host fills before it sends it, as full of 0xff as the memory it is for.
template <typename T>
class HostArray {
 public:
  explicit HostArray(std::size_t count) : values_(count) {
    if (count > 0) std::memset(static_cast<void*>(values_.data()), 0xff, count * sizeof(T));
  }
  T* get() { return values_.data(); }
  std::span<const T> span() const { return values_; }

 private:
  std::vector<T> values_;
};

template <typename T>
class KernelArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit KernelArray(std::size_t count)
      : values_(static_cast<T*>(allocate(count * sizeof(T)))), count_(count) {}
  explicit KernelArray(std::span<const T> values) : KernelArray(values.size()) { write(values); }

  T* get() const { return values_.get(); }
  T* or_null(bool present) const { return present ? values_.get() : nullptr; }
  std::size_t size() const { return count_; }

  // Its first values.
  void write(std::span<const T> values) {
    copy_to_device(values_.get(), values.data(), values.size_bytes());
  }
  std::vector<T> read(std::size_t first, std::size_t count) const {
    std::vector<T> values(count);
    copy_from_device(values.data(), values_.get() + first, count * sizeof(T));
    return values;
  }
  std::vector<T> read() const { return read(0, count_); }

 private:
  struct Release {
    void operator()(T* values) const { free_memory(static_cast<void*>(values)); }
  };
  std::unique_ptr<T, Release> values_;
  std::size_t count_;
};

}  // namespace kleio::cuda::tests
