// An uninitialised, 64-byte aligned array of trivial values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

#include "core/block_memory.h"

namespace kleio {

inline constexpr std::size_t kCacheLine = 64;
static_assert(kBlockAlignment % kCacheLine == 0);

inline bool is_aligned(const void* place) noexcept {
  return reinterpret_cast<std::uintptr_t>(place) % kCacheLine == 0;
}

template <typename Value>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  AlignedBuffer() = default;
  // Throws std::bad_alloc.
  explicit AlignedBuffer(std::size_t size)
      : values_(reinterpret_cast<Value*>(take_block(bytes_of(size)))), size_(size) {}
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : values_(std::exchange(other.values_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(values_, other.values_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~AlignedBuffer() { give_back_block(values_, size_ * sizeof(Value)); }

  // Room for `size` values; what was there is lost when it grows.
  Value* require(std::size_t size) {
    if (size > size_) *this = AlignedBuffer(size + size / 2);
    return values_;
  }

  Value* data() noexcept { return values_; }
  const Value* data() const noexcept { return values_; }
  std::size_t size() const noexcept { return size_; }
  // What it takes, once it is written to the end.
  std::size_t byte_size() const noexcept { return block_bytes(size_ * sizeof(Value)); }
  Value& operator[](std::size_t index) noexcept { return values_[index]; }
  const Value& operator[](std::size_t index) const noexcept { return values_[index]; }

 private:
  static constexpr std::size_t bytes_of(std::size_t size) {
    if (size > std::numeric_limits<std::size_t>::max() / sizeof(Value)) throw std::bad_alloc();
    return size * sizeof(Value);
  }

  Value* values_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kleio
