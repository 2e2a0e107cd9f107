#include "core/large_buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <limits>
#include <new>

namespace kleio {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;
constexpr std::size_t kMappedFromBytes = 2 * kHugePageBytes;

constexpr std::size_t whole_huge_pages(std::size_t bytes) noexcept {
  return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
}

// A mapping begins at any page: one huge page more is asked for, and what lies before the first
// boundary and behind the last is given back.
std::byte* map_huge_pages(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() - 2 * kHugePageBytes) throw std::bad_alloc();
  const std::size_t used = whole_huge_pages(bytes);
  const std::size_t asked = used + kHugePageBytes;
  void* mapping = mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(mapping);
  const std::size_t before =
      (kHugePageBytes - reinterpret_cast<std::uintptr_t>(mapping) % kHugePageBytes) %
      kHugePageBytes;
  const std::size_t behind = asked - used - before;
  if (before > 0) munmap(begin, before);
  if (behind > 0) munmap(begin + before + used, behind);
#ifdef MADV_HUGEPAGE
  madvise(begin + before, used, MADV_HUGEPAGE);  // a wish, not a need
#endif
  return begin + before;
}

}  // namespace

LargeBuffer::LargeBuffer(std::size_t bytes)
    : bytes_(bytes == 0                 ? nullptr
             : bytes < kMappedFromBytes ? static_cast<std::byte*>(::operator new(bytes))
                                        : map_huge_pages(bytes)),
      size_(bytes) {}

LargeBuffer::~LargeBuffer() {
  if (bytes_ == nullptr) return;
  if (size_ < kMappedFromBytes) {
    ::operator delete(bytes_);
  } else {
    munmap(bytes_, whole_huge_pages(size_));
  }
}

}  // namespace kleio
