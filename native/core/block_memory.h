// Memory for all that grows with the data: columns, packed items, tables, working memory. What is
// given back goes back to the system, whoever else holds memory: a heap keeps a page for the sake
// of any small thing that lies on it, and with it what lies below.
//
// Large blocks are mappings of their own. The others come from regions of one size of block each,
// whose pages the system gets back once nothing lies on them; a few are kept for the next block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kleio {

inline constexpr std::size_t kPageBytes = 4096;
// Of every block, and what the smallest takes.
inline constexpr std::size_t kBlockAlignment = 64;

// Uninitialised; nullptr for none. Throws std::bad_alloc.
std::byte* take_block(std::size_t bytes);
// Filled with zeros, which cost a large block nothing before somebody looks.
std::byte* take_zeroed_block(std::size_t bytes);
// `bytes` as asked for.
void give_back_block(void* block, std::size_t bytes) noexcept;

// What a block of so many bytes takes, once it is written to the end: a page holds only blocks of
// its size, and a page that was never written takes nothing.
std::size_t block_bytes(std::size_t bytes) noexcept;

// What all blocks of the process take at the moment, written or not.
std::size_t blocks_in_use() noexcept;

// Whether nobody has come for a moment for the pages that are kept: calls on the caller's own
// thread may make a history, close it and make the next.
bool kept_pages_lie() noexcept;

// Gives the pages back that are kept for the next block.
void give_back_kept_pages() noexcept;

// For containers, and for objects by std::allocate_shared.
template <typename Value>
struct BlockAllocator {
  using value_type = Value;
  static_assert(alignof(Value) <= kBlockAlignment);

  BlockAllocator() = default;
  template <typename Other>
  BlockAllocator(const BlockAllocator<Other>&) noexcept {}  // NOLINT: as allocators are

  Value* allocate(std::size_t count) {
    return reinterpret_cast<Value*>(take_block(count * sizeof(Value)));
  }
  void deallocate(Value* values, std::size_t count) noexcept {
    give_back_block(values, count * sizeof(Value));
  }
  bool operator==(const BlockAllocator&) const = default;
};

template <typename Value>
using BlockVector = std::vector<Value, BlockAllocator<Value>>;

// A base of classes whose objects lie in blocks.
struct InBlocks {
  static void* operator new(std::size_t bytes) { return take_block(bytes); }
  static void operator delete(void* object, std::size_t bytes) noexcept {
    give_back_block(object, bytes);
  }
};

}  // namespace kleio
