// An uninitialised, 64-byte aligned array of trivial values.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace kleio {

inline constexpr std::size_t kCacheLine = 64;

template <typename Value>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    const std::size_t bytes = (size * sizeof(Value) + kCacheLine - 1) / kCacheLine * kCacheLine;
    values_.reset(static_cast<Value*>(::operator new (bytes, std::align_val_t{kCacheLine})));
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
      ::operator delete (values, std::align_val_t{kCacheLine});
    }
  };
  std::unique_ptr<Value, Free> values_;
  std::size_t size_ = 0;
};

}  // namespace kleio
