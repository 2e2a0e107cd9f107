// Pages straight from the system.
#pragma once

#include <cstddef>

namespace kleio {

// Readable and writable, beginning at a multiple of `alignment`, a power of two of a page at least.
// Throws std::bad_alloc.
std::byte* map_aligned_pages(std::size_t bytes, std::size_t alignment);

// The same at any page; on huge pages as far as they fit, where it is worth it: a reader of single
// rows all over a table misses the TLB with almost each of them otherwise.
std::byte* map_pages(std::size_t bytes);

void unmap_pages(void* begin, std::size_t bytes) noexcept;

// The pages stay mapped, and are zero and nobody's memory until they are written again.
void discard_pages(void* begin, std::size_t bytes) noexcept;

// No page of them is to become a huge one: the system would fill it for a block of a few bytes.
void refuse_huge_pages(void* begin, std::size_t bytes) noexcept;

}  // namespace kleio
