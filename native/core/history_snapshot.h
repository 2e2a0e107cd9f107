// The state of a history at one moment: what a search reads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/block_memory.h"
#include "core/chunked_column.h"
#include "core/slot_store.h"
#include "core/table.h"

namespace kleio {

class Backend;

// Sequence numbers are numbers of JavaScript.
inline constexpr std::int64_t kMaxSequence = (std::int64_t{1} << 53) - 1;

inline constexpr std::int32_t kNoSlot = -1;
inline constexpr std::int32_t kRemoved = -2;

// A distinct item of a history. A slot whose last behaviour has left has `behaviours` 0.
struct Slot {
  std::int64_t newest = 0;  // sequence number of its most recent behaviour
  std::int32_t row = -1;
  std::int32_t behaviours = 0;
};

// The id of a behaviour whose item the table did not know.
struct UnknownItem {
  std::int64_t sequence = 0;
  std::int64_t id = 0;
};

// Columns are indexed by sequence number, and position = sequence - first(). A behaviour that was
// removed leaves its place, of which nothing is told; the first one is never such a place.
struct HistorySnapshot {
  std::shared_ptr<const Table> table;
  const Backend* backend = nullptr;  // what searches it, and can read `embeddings`
  std::shared_ptr<const SlotView> embeddings;
  ChunkedColumn<std::int32_t> slot_of;      // kNoSlot: a behaviour without embedding; or kRemoved
  ChunkedColumn<std::uint32_t> steps_back;  // to the previous behaviour of the same slot; 0: none
  ChunkedColumn<std::int64_t> categories;   // empty, or as long as slot_of
  ChunkedColumn<double> times;              // empty, or as long as slot_of
  ChunkedColumn<std::int32_t> item_rows;  // of a ranker's embeddings; empty, or as long as slot_of
  ChunkedColumn<std::int32_t> category_rows;  // likewise
  ChunkedColumn<UnknownItem> unknown_items;   // ascending by sequence; numbered by themselves
  ChunkedColumn<Slot> slots;
  std::uint32_t removed = 0;   // places of behaviours that were removed
  std::uint32_t removals = 0;  // behaviours that ever were, from between others

  // A copy shares every column until it is written.
  static std::shared_ptr<HistorySnapshot> copy_of(const HistorySnapshot& other) {
    return std::allocate_shared<HistorySnapshot>(BlockAllocator<HistorySnapshot>(), other);
  }
  // What it takes, and its columns; not the embeddings.
  std::size_t byte_size() const noexcept {
    constexpr std::size_t kCounts = 16;  // a shared pointer's, beside its object
    return block_bytes(kCounts + sizeof(HistorySnapshot)) + slot_of.byte_size() +
           steps_back.byte_size() + categories.byte_size() + times.byte_size() +
           item_rows.byte_size() + category_rows.byte_size() + unknown_items.byte_size() +
           slots.byte_size();
  }

  // Empty, the next behaviour having this sequence number: the other columns begin where it does.
  void restart(std::int64_t sequence) {
    slot_of.restart(sequence);
    steps_back.clear();
    categories.clear();
    times.clear();
    item_rows.clear();
    category_rows.clear();
    unknown_items.clear();
    slots.clear();
    removed = 0;
  }

  std::size_t length() const noexcept { return slot_of.size() - removed; }  // behaviours
  std::size_t places() const noexcept { return slot_of.size(); }            // positions
  std::size_t slot_count() const noexcept { return slots.size(); }
  std::int64_t first() const noexcept { return slot_of.first(); }
  std::int64_t end() const noexcept { return slot_of.end(); }
  // Whether a behaviour has this sequence number.
  bool holds(std::int64_t sequence) const noexcept {
    return sequence >= first() && sequence < end() && slot_of[sequence] != kRemoved;
  }
  // The row of a behaviour's item in the table, or -1.
  std::int32_t row_of(std::int64_t sequence) const noexcept {
    const std::int32_t slot = slot_of[sequence];
    return slot < 0 ? -1 : slots[slot].row;
  }
  // Where `unknown_items` has a behaviour, if its item was unknown.
  std::optional<std::int64_t> unknown_item(std::int64_t sequence) const noexcept {
    std::int64_t low = unknown_items.first(), high = unknown_items.end();
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (unknown_items[middle].sequence < sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == unknown_items.end() || unknown_items[low].sequence != sequence) return std::nullopt;
    return low;
  }
  bool has_categories() const noexcept { return categories.size() > 0; }
  bool has_features() const noexcept { return item_rows.size() > 0; }
  bool has_times() const noexcept { return times.size() > 0; }
};

}  // namespace kleio
