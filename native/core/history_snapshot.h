// The state of a history at one moment: what a search reads.
#pragma once

#include <cstdint>
#include <memory>

#include "core/block_memory.h"
#include "core/chunked_column.h"
#include "core/slot_store.h"
#include "core/table.h"

namespace kleio {

class Backend;

inline constexpr std::int32_t kNoSlot = -1;

// A distinct item of a history. A slot whose last behaviour has left has `behaviours` 0.
struct Slot {
  std::int64_t newest = 0;  // sequence number of its most recent behaviour
  std::int32_t row = -1;
  std::int32_t behaviours = 0;
};

// Columns are indexed by sequence number: position = sequence - positions_first().
struct HistorySnapshot {
  std::shared_ptr<const Table> table;
  const Backend* backend = nullptr;  // what searches it, and can read `embeddings`
  std::shared_ptr<const SlotView> embeddings;
  ChunkedColumn<std::int32_t> slot_of;      // kNoSlot: a behaviour without embedding
  ChunkedColumn<std::uint32_t> steps_back;  // to the previous behaviour of the same slot; 0: none
  ChunkedColumn<std::int64_t> categories;   // empty, or as long as slot_of
  ChunkedColumn<double> times;              // empty, or as long as slot_of
  ChunkedColumn<std::int32_t> item_rows;  // of a ranker's embeddings; empty, or as long as slot_of
  ChunkedColumn<std::int32_t> category_rows;  // likewise
  ChunkedColumn<Slot> slots;

  // A copy shares every column until it is written.
  static std::shared_ptr<HistorySnapshot> copy_of(const HistorySnapshot& other) {
    return std::allocate_shared<HistorySnapshot>(BlockAllocator<HistorySnapshot>(), other);
  }
  // What it takes, and its columns; not the embeddings.
  std::size_t byte_size() const noexcept {
    constexpr std::size_t kCounts = 16;  // a shared pointer's, beside its object
    return block_bytes(kCounts + sizeof(HistorySnapshot)) + slot_of.byte_size() +
           steps_back.byte_size() + categories.byte_size() + times.byte_size() +
           item_rows.byte_size() + category_rows.byte_size() + slots.byte_size();
  }

  std::size_t length() const noexcept { return slot_of.size(); }
  std::size_t slot_count() const noexcept { return slots.size(); }
  std::int64_t first() const noexcept { return slot_of.first(); }
  bool has_categories() const noexcept { return categories.size() > 0; }
  bool has_features() const noexcept { return item_rows.size() > 0; }
  bool has_times() const noexcept { return times.size() > 0; }
};

}  // namespace kleio
