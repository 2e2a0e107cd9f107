#include "core/system_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <new>

#include "core/block_memory.h"

namespace kleio {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;
constexpr std::size_t kHugeFromBytes = 2 * kHugePageBytes;

// A wish, not a need.
void advise(void* begin, std::size_t bytes, int advice) noexcept {
  static_cast<void>(madvise(begin, bytes, advice));
}

}  // namespace

// A mapping begins at any page: more is asked for, and what lies before the first boundary and
// behind the last page is given back.
std::byte* map_aligned_pages(std::size_t bytes, std::size_t alignment) {
  if (bytes > std::numeric_limits<std::size_t>::max() - alignment) throw std::bad_alloc();
  const std::size_t asked = bytes + alignment - kPageBytes;
  void* const mapping =
      mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(mapping);
  const std::size_t before =
      (alignment - reinterpret_cast<std::uintptr_t>(mapping) % alignment) % alignment;
  if (before > 0) munmap(begin, before);
  if (asked > before + bytes) munmap(begin + before + bytes, asked - before - bytes);
  return begin + before;
}

std::byte* map_pages(std::size_t bytes) {
  if (bytes < kHugeFromBytes) return map_aligned_pages(bytes, kPageBytes);
  std::byte* const begin = map_aligned_pages(bytes, kHugePageBytes);
#ifdef MADV_HUGEPAGE
  advise(begin, bytes / kHugePageBytes * kHugePageBytes, MADV_HUGEPAGE);
#endif
  return begin;
}

void unmap_pages(void* begin, std::size_t bytes) noexcept {
  // Where the system has no room to say that a mapping has a hole, at least the memory is free.
  if (munmap(begin, bytes) != 0) discard_pages(begin, bytes);
}

// Whole pages of the system, which can be larger than ours and would go with what lies beside.
void discard_pages(void* begin, std::size_t bytes) noexcept {
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = (address + page - 1) / page * page;
  const std::uintptr_t end = (address + bytes) / page * page;
  if (first < end) advise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}

void refuse_huge_pages([[maybe_unused]] void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_NOHUGEPAGE
  advise(begin, bytes, MADV_NOHUGEPAGE);
#endif
}

}  // namespace kleio
