// Memory for embeddings and weights: uninitialised bytes that go back to the system with it.
#pragma once

#include <cstddef>
#include <utility>

#include "core/block_memory.h"

namespace kleio {

class LargeBuffer {
 public:
  LargeBuffer() = default;
  // Throws std::bad_alloc.
  explicit LargeBuffer(std::size_t bytes) : bytes_(take_block(bytes)), size_(bytes) {}
  // Of zeros. Throws std::bad_alloc.
  static LargeBuffer of_zeros(std::size_t bytes) {
    LargeBuffer buffer;
    buffer.bytes_ = take_zeroed_block(bytes);
    buffer.size_ = bytes;
    return buffer;
  }
  LargeBuffer(LargeBuffer&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LargeBuffer& operator=(LargeBuffer&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~LargeBuffer() { give_back_block(bytes_, size_); }

  std::byte* data() noexcept { return bytes_; }
  const std::byte* data() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return size_; }
  // What it takes.
  std::size_t byte_size() const noexcept { return block_bytes(size_); }

 private:
  std::byte* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kleio
