// From rows of a table to the slots of one history: open addressing, linear probing, with removal.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/block_memory.h"

namespace kleio {

class RowSlots {
 public:
  void reserve(std::size_t rows);  // after it so many inserts cannot throw
  // The row's slot; `slot`, which it then has, if it had none. Must have been reserved.
  std::int32_t find_or_insert(std::int32_t row, std::int32_t slot) noexcept;
  // The row's slot, if it has one. Of row -1, none.
  std::optional<std::int32_t> find(std::int32_t row) const noexcept;
  void fetch(std::int32_t row) const noexcept;  // begins to bring the row's entry into the cache
  void erase(std::int32_t row) noexcept;        // row must be present
  void clear() noexcept;
  std::size_t size() const noexcept { return size_; }
  std::size_t byte_size() const noexcept {
    return block_bytes(entries_.capacity() * sizeof(Entry));
  }

 private:
  struct Entry {
    std::int32_t row = -1;  // -1: free
    std::int32_t slot = -1;
  };
  std::size_t home_of(std::int32_t row) const noexcept;
  // Where `row` is, or the free one where it would go.
  std::size_t index_of(std::int32_t row) const noexcept;

  using Entries = BlockVector<Entry>;

  Entries entries_;  // a power of two, at most half full; empty until the first reserve
  std::size_t size_ = 0;
};

}  // namespace kleio
