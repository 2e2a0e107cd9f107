// An uninitialised, 64-byte aligned array of trivial values.
//
// Aligned by hand: the byte before the first value says how far the block begins before it. An
// aligned allocation of glibc before 2.38 cannot reuse the hole that one of the same size left, and
// histories that come and go then grow the heap by tens of megabytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace kleio {

inline constexpr std::size_t kCacheLine = 64;

inline bool is_aligned(const void* place) noexcept {
  return reinterpret_cast<std::uintptr_t>(place) % kCacheLine == 0;
}

template <typename Value>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    auto* block = static_cast<std::byte*>(::operator new(size * sizeof(Value) + kCacheLine));
    const std::size_t shift = kCacheLine - reinterpret_cast<std::uintptr_t>(block) % kCacheLine;
    block[shift - 1] = static_cast<std::byte>(shift);
    values_.reset(reinterpret_cast<Value*>(block + shift));
  }

  // Room for `size` values; what was there is lost when it grows.
  Value* require(std::size_t size) {
    if (size > size_) *this = AlignedBuffer(size + size / 2);
    return values_.get();
  }

  Value* data() noexcept { return values_.get(); }
  const Value* data() const noexcept { return values_.get(); }
  std::size_t size() const noexcept { return size_; }
  Value& operator[](std::size_t index) noexcept { return values_.get()[index]; }
  const Value& operator[](std::size_t index) const noexcept { return values_.get()[index]; }

 private:
  struct Free {
    void operator()(Value* values) const noexcept {
      auto* begin = reinterpret_cast<std::byte*>(values);
      ::operator delete(begin - std::to_integer<std::size_t>(begin[-1]));
    }
  };
  std::unique_ptr<Value, Free> values_;
  std::size_t size_ = 0;
};

}  // namespace kleio
