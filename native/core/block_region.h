// A mapping that holds blocks of one size, behind a page that says which of them are free. It
// begins at a multiple of its size, so that a block leads to it.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

#include "core/block_memory.h"

namespace kleio {

class BlockRegion {
 public:
  // For blocks of `bytes`, all of them free. Throws std::bad_alloc.
  static BlockRegion* map(std::size_t bytes);
  static BlockRegion& of(void* block, std::size_t bytes) noexcept;
  void unmap() noexcept;

  bool full() const noexcept { return free_count_ == 0; }
  bool empty() const noexcept { return free_count_ == count_; }

  std::byte* take() noexcept;  // not of a full one
  void give_back(void* block) noexcept;
  // Gives pages back to the system on which nothing lies and something lay.
  void purge() noexcept;

  BlockRegion* previous = nullptr;  // its shelf's
  BlockRegion* next = nullptr;

 private:
  static constexpr std::size_t kSmallBytes = std::size_t{1} << 20;
  static constexpr std::size_t kLargeBytes = std::size_t{8} << 20;
  static constexpr std::size_t kLargeFrom = std::size_t{64} << 10;  // blocks beyond it
  static constexpr std::size_t kWordBits = 64;

  static constexpr std::size_t region_bytes(std::size_t block_bytes) noexcept {
    return block_bytes > kLargeFrom ? kLargeBytes : kSmallBytes;
  }
  explicit BlockRegion(std::size_t bytes) noexcept;

  std::byte* begin() noexcept { return reinterpret_cast<std::byte*>(this) + kPageBytes; }
  bool is_free(std::size_t index) const noexcept {
    return (free_[index / kWordBits] >> index % kWordBits & 1) != 0;
  }
  // Pages [first, end) behind the first one, which hold nothing.
  void purge_pages(std::size_t first, std::size_t end) noexcept;

  std::size_t bytes_;  // of a block
  std::size_t count_;
  std::size_t free_count_;
  std::size_t first_word_ = 0;  // no block is free before it
  std::array<std::uint64_t, kSmallBytes / kBlockAlignment / kWordBits> free_{};
  std::bitset<kLargeBytes / kPageBytes> written_;  // pages, perhaps
};

static_assert(sizeof(BlockRegion) <= kPageBytes);

}  // namespace kleio
