// One user's behaviours, oldest to newest, over a table's rows.
//
// A behaviour has a position (0 = the oldest present). Behaviours that repeat an item share a
// *slot*: the item's embedding is stored and scored once per history. Everything a search reads
// hangs off a `HistorySnapshot`, which later appends leave untouched: columns of positions only
// ever grow at the end, and slot storage is copied on write while a snapshot holds it.
//
// Threads: a history, and the taking and dropping of its snapshots, belong to one thread (the
// JavaScript thread that made it). Any thread may read a snapshot meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/backend.h"
#include "core/behaviour_block.h"
#include "core/cancellation.h"
#include "core/history_snapshot.h"
#include "core/row_slots.h"
#include "core/table.h"

namespace kleio {

struct HistoryOptions {
  std::size_t capacity = kMaxRows;  // past it the oldest behaviours leave
};

class History : public InBlocks {
 public:
  // What behaviours may bring beside their item.
  struct Attributes {
    std::optional<std::span<const std::int64_t>> categories;
    std::optional<std::span<const double>> times;
  };

  History(std::shared_ptr<const Table> table, const Backend& backend, HistoryOptions options);
  // A history that a model can rank with: over its similarity table, with the embedding rows of
  // each behaviour's item and category. It takes ids only.
  History(std::shared_ptr<const RankerModel> model, const Backend& backend, HistoryOptions options);

  // Appends rows.size() behaviours. Not for a history with a model. Row -1: a behaviour without
  // embedding. `categories` and `times` are absent or as long as `rows`, and once a history has
  // them every append must bring them. Throws kRange (a row outside the table, a time that is not
  // finite), kShape before anything changes; when memory runs out, or with kAborted, the
  // behaviours before that stay appended.
  void append(std::span<const std::int32_t> rows, const Attributes& attributes,
              Cancellation cancellation = {});
  // The same by id; unknown ids append a behaviour without embedding.
  void append_ids(std::span<const std::int64_t> ids, const Attributes& attributes,
                  Cancellation cancellation = {});
  void clear();

  std::size_t length() const noexcept;    // behaviours present
  std::size_t distinct() const noexcept;  // different items among them (those with an embedding)
  bool has_categories() const noexcept { return present_->has_categories(); }
  bool has_times() const noexcept { return present_->has_times(); }
  // Memory that it takes, on the host and on its backend's device.
  std::size_t byte_size() const noexcept;
  const Table& table() const noexcept { return *table_; }
  // nullptr: no model can rank with this history.
  const RankerModel* model() const noexcept { return model_.get(); }
  // The history as it is now, without copying anything; the next write copies what it changes.
  std::shared_ptr<const HistorySnapshot> snapshot();

 private:
  void require_attributes(std::size_t count, const Attributes& attributes) const;
  // Divides an append into blocks; look_up(first, block) fills the rows of those that begin with
  // the append's behaviour `first`.
  template <typename LookUp>
  void append_blocks(std::size_t count, const Attributes& attributes, Cancellation cancellation,
                     const LookUp& look_up);
  void append_block(BehaviourBlock& block);
  void add_new_items(HistorySnapshot& state, BehaviourBlock& block);
  void find_slots(const HistorySnapshot& state, BehaviourBlock& block);
  std::int32_t unused_slot(const HistorySnapshot& state, std::size_t taken) const noexcept;
  void link_repeats(HistorySnapshot& state, BehaviourBlock& block) noexcept;
  void evict_oldest();
  // The state for writing, which no snapshot shares.
  HistorySnapshot& writable();

  std::shared_ptr<const Table> table_;
  std::shared_ptr<const RankerModel> model_;
  HistoryOptions options_;
  std::unique_ptr<SlotStore> store_;
  std::shared_ptr<HistorySnapshot> present_;
  RowSlots row_slots_;
  BlockVector<std::int32_t> free_slots_;
};

}  // namespace kleio
