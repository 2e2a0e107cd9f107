// One user's behaviours, oldest to newest, over a table's rows.
//
// A behaviour has a position (0 = the oldest present). Behaviours that repeat an item share a *slot*:
// the item's embedding is stored and scored once per history. Everything a search reads hangs off a
// `HistorySnapshot`, which later appends leave untouched: columns of positions only ever grow at the
// end, and slot storage is copied on write while a snapshot holds it.
//
// Threads: a history, and the taking and dropping of its snapshots, belong to one thread (the
// JavaScript thread that made it). Any thread may read a snapshot meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/backend.h"
#include "core/history_snapshot.h"
#include "core/row_slots.h"
#include "core/table.h"

namespace kleio {

struct HistoryOptions {
  std::size_t capacity = kMaxRows;  // past it the oldest behaviours leave
};

class History {
 public:
  History(std::shared_ptr<const Table> table, const Backend& backend, HistoryOptions options);

  // Appends rows.size() behaviours, all or none. Row -1: a behaviour without embedding. `categories`
  // and `times` are empty or as long as `rows`, and once a history has them every append must bring
  // them. Throws kRange (row outside the table), kShape.
  void append(std::span<const std::int32_t> rows, std::span<const std::int64_t> categories,
              std::span<const double> times);
  // The same by id; unknown ids append a behaviour without embedding.
  void append_ids(std::span<const std::int64_t> ids, std::span<const std::int64_t> categories,
                  std::span<const double> times);
  void clear();

  std::size_t length() const noexcept;    // behaviours present
  std::size_t distinct() const noexcept;  // different items among them (those with an embedding)
  std::size_t byte_size() const noexcept;
  const Table& table() const noexcept { return *table_; }
  std::shared_ptr<const HistorySnapshot> snapshot();

 private:
  void append_one(std::int32_t row);
  void evict_oldest();

  std::shared_ptr<const Table> table_;
  const Backend& backend_;
  HistoryOptions options_;
  std::shared_ptr<HistorySnapshot> present_;  // unshared before every write
  RowSlots row_slots_;
};

}  // namespace kleio
