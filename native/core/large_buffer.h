// Memory for embeddings: uninitialised, on huge pages and straight from the system where it is
// large.
//
// Rescoring reads single rows all over a table: with 4 KiB pages almost each of them misses the
// TLB. And what a closed table held goes back to the system, instead of into holes of the heap.
#pragma once

#include <cstddef>
#include <utility>

namespace kleio {

class LargeBuffer {
 public:
  LargeBuffer() = default;
  // Throws std::bad_alloc.
  explicit LargeBuffer(std::size_t bytes);
  LargeBuffer(LargeBuffer&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LargeBuffer& operator=(LargeBuffer&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~LargeBuffer();

  std::byte* data() noexcept { return bytes_; }
  const std::byte* data() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return size_; }

 private:
  std::byte* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kleio
