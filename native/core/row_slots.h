// From rows of a table to the slots of one history: open addressing, linear probing, with removal.
//
// A history of few items has no such table, and looks at the slots themselves: very many histories
// have few.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/block_memory.h"
#include "core/history_snapshot.h"
#include "core/slot_store.h"

namespace kleio {

class RowSlots {
 public:
  // The items of the history: those that have slots, and those that are getting one.
  struct Items {
    const ChunkedColumn<Slot>& present;
    std::span<const SlotRow> coming;
  };

  // After it so many inserts cannot throw.
  void reserve(std::size_t rows, const Items& items) {
    const std::size_t needed = size_ + rows;
    if (needed > kFewItems && needed * 2 > entries_.size()) grow(needed, items);
  }
  // The row's slot; `slot`, which it then has, if it had none. Must have been reserved.
  std::int32_t find_or_insert(std::int32_t row, std::int32_t slot, const Items& items) noexcept {
    return entries_.empty() ? find_or_count(row, slot, items) : find_or_insert(row, slot);
  }
  // In place of what there is: the slot of rows[i] is i. Returns how many of them are different
  // from all before them, up to the first one that is not. Throws std::bad_alloc.
  std::size_t assign(std::span<const std::int32_t> rows);
  // The row's slot, if it has one. Of row -1, none.
  std::optional<std::int32_t> find(std::int32_t row, const Items& items) const noexcept;
  void fetch(std::int32_t row) const noexcept;  // begins to bring the row's entry into the cache
  void erase(std::int32_t row) noexcept;        // row must be present
  void clear() noexcept;
  std::size_t size() const noexcept { return size_; }
  std::size_t byte_size() const noexcept {
    return block_bytes(entries_.capacity() * sizeof(Entry));
  }

 private:
  // Half a table of so many would be as large as half of their slots; all of these are looked at in
  // about the time of a cache miss.
  static constexpr std::size_t kFewItems = 32;

  struct Entry {
    std::int32_t row = -1;  // -1: free
    std::int32_t slot = -1;
  };
  void grow(std::size_t rows, const Items& items);
  std::int32_t find_or_insert(std::int32_t row, std::int32_t slot) noexcept;
  std::int32_t find_or_count(std::int32_t row, std::int32_t slot, const Items& items) noexcept;
  static std::optional<std::int32_t> find_among(std::int32_t row, const Items& items) noexcept;
  std::size_t home_of(std::int32_t row) const noexcept;
  // Where `row` is, or the free one where it would go.
  std::size_t index_of(std::int32_t row) const noexcept;

  using Entries = BlockVector<Entry>;

  Entries entries_;  // a power of two, at most half full; empty while there have been few
  std::size_t size_ = 0;
};

}  // namespace kleio
