#include "core/block_region.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <new>

#include "core/system_pages.h"

namespace kleio {

BlockRegion* BlockRegion::map(std::size_t bytes) {
  const std::size_t whole = region_bytes(bytes);
  std::byte* const pages = map_aligned_pages(whole, whole);
  if (bytes <= kLargeFrom) refuse_huge_pages(pages, whole);
  return new (pages) BlockRegion(bytes);
}

BlockRegion& BlockRegion::of(void* block, std::size_t bytes) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  auto& region = *reinterpret_cast<BlockRegion*>(address & ~(region_bytes(bytes) - 1));
  assert(region.bytes_ == bytes);
  return region;
}

BlockRegion::BlockRegion(std::size_t bytes) noexcept
    : bytes_(bytes), count_((region_bytes(bytes) - kPageBytes) / bytes), free_count_(count_) {
  for (std::size_t index = 0; index < count_; ++index) {
    free_[index / kWordBits] |= std::uint64_t{1} << index % kWordBits;
  }
}

void BlockRegion::unmap() noexcept {
  unmap_pages(this, region_bytes(bytes_));
}

std::byte* BlockRegion::take() noexcept {
  assert(!full());
  while (free_[first_word_] == 0) ++first_word_;
  std::uint64_t& word = free_[first_word_];
  const std::size_t index =
      first_word_ * kWordBits + static_cast<std::size_t>(std::countr_zero(word));
  word &= word - 1;
  --free_count_;
  const std::size_t offset = index * bytes_;
  const std::size_t end = (offset + bytes_ + kPageBytes - 1) / kPageBytes;
  for (std::size_t page = offset / kPageBytes; page < end; ++page) written_.set(page);
  return begin() + offset;
}

void BlockRegion::give_back(void* block) noexcept {
  const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(block) - begin());
  const std::size_t index = offset / bytes_;
  assert(offset % bytes_ == 0 && index < count_ && !is_free(index));
  free_[index / kWordBits] |= std::uint64_t{1} << index % kWordBits;
  ++free_count_;
  first_word_ = std::min(first_word_, index / kWordBits);
}

void BlockRegion::purge() noexcept {
  for (std::size_t index = 0; index < count_;) {
    if (!is_free(index)) {
      ++index;
      continue;
    }
    std::size_t end = index + 1;
    while (end < count_ && is_free(end)) ++end;
    const std::size_t behind = end * bytes_ + (end == count_ ? kPageBytes - 1 : 0);
    purge_pages((index * bytes_ + kPageBytes - 1) / kPageBytes, behind / kPageBytes);
    index = end;
  }
}

void BlockRegion::purge_pages(std::size_t first, std::size_t end) noexcept {
  while (first < end) {
    if (!written_[first]) {
      ++first;
      continue;
    }
    std::size_t behind = first;
    while (behind < end && written_[behind]) written_.reset(behind++);
    discard_pages(begin() + first * kPageBytes, (behind - first) * kPageBytes);
    first = behind;
  }
}

}  // namespace kleio
