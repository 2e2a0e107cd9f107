// Memory for embeddings: uninitialised, cache-line aligned, on huge pages where it is large.
//
// Rescoring reads single rows all over a table. With 4 KiB pages almost each of them misses the TLB.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace kleio {

class LargeBuffer {
 public:
  LargeBuffer() = default;
  // Throws std::bad_alloc.
  explicit LargeBuffer(std::size_t bytes) {
    if (bytes == 0) return;
    constexpr std::size_t kHugePage = std::size_t{2} << 20;
    const std::size_t alignment = bytes >= 2 * kHugePage ? kHugePage : 64;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    bytes_ = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded));
    if (bytes_ == nullptr) throw std::bad_alloc();
    size_ = bytes;
#if defined(__linux__)
    if (alignment == kHugePage) ::madvise(bytes_, rounded, MADV_HUGEPAGE);  // a wish, not a need
#endif
  }
  LargeBuffer(LargeBuffer&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LargeBuffer& operator=(LargeBuffer&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~LargeBuffer() { std::free(bytes_); }

  std::byte* data() noexcept { return bytes_; }
  const std::byte* data() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return size_; }

 private:
  std::byte* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kleio
