// One user's behaviours, oldest to newest, over a table's rows.
//
// A behaviour has a sequence number: 0 for the first ever appended, never reused, moved by nothing.
// Its position in a snapshot counts from the oldest present. Behaviours that repeat an item share a
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

// Items of a table. Ids that it does not know may be those of behaviours without embedding.
struct NamedItems {
  std::span<const std::int32_t> rows;  // -1: none
  std::span<const std::int64_t> ids;   // as many, or empty where items are named by rows
};

struct HistoryOptions {
  std::size_t capacity = kMaxRows;  // past it the oldest behaviours leave
  std::int64_t first_sequence = 0;  // of the first behaviour to come
};

// What a history is made of, as it lies.
struct HistoryParts {
  std::shared_ptr<HistorySnapshot> present;
  std::unique_ptr<SlotStore> store;
  RowSlots row_slots;
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
  // Behaviours that never had an item. In the history of a model too.
  void append_unnamed(std::size_t count, const Attributes& attributes);
  void clear();
  // Of an empty history over the same table: all that there is becomes these parts.
  void adopt(HistoryParts parts) noexcept;
  // Removes behaviours: those of these numbers, of these items, or of a time before `time`.
  // Searches afterwards find nothing of them. Numbers and items that are not there are passed over.
  // Returns how many there were; all of them have gone, or none: when memory runs out.
  std::size_t remove(std::span<const std::int64_t> sequences);
  std::size_t remove_items(const NamedItems& items);
  std::size_t remove_before(double time);
  // Rows of items that are present and bear one of these ids, which leads to another row.
  std::vector<std::int32_t> shadowed_rows(std::span<const std::int64_t> ids) const;
  // Writes for each item whether a behaviour of it is present.
  void has(const NamedItems& items, std::span<std::uint8_t> seen) const;

  std::size_t length() const noexcept;    // behaviours present
  std::size_t distinct() const noexcept;  // different items among them (those with an embedding)
  // The sequence numbers of the oldest behaviour present, and of the next one to come.
  std::int64_t first_sequence() const noexcept { return present_->first(); }
  std::int64_t next_sequence() const noexcept { return present_->end(); }
  bool has_categories() const noexcept { return present_->has_categories(); }
  bool has_times() const noexcept { return present_->has_times(); }
  std::size_t capacity() const noexcept { return capacity_; }
  // Past it the oldest leave.
  void set_capacity(std::size_t capacity);
  // Memory that it takes, on the host and on its backend's device.
  std::size_t byte_size() const noexcept;
  const Table& table() const noexcept { return *table_; }
  // nullptr: no model can rank with this history.
  const RankerModel* model() const noexcept { return model_.get(); }
  const std::shared_ptr<const RankerModel>& shared_model() const noexcept { return model_; }
  // The history as it is now, without copying anything; the next write copies what it changes.
  std::shared_ptr<const HistorySnapshot> snapshot();
  // The same to look at, not to search.
  const HistorySnapshot& present() const noexcept { return *present_; }

 private:
  void require_attributes(std::size_t count, const Attributes& attributes) const;
  // Divides an append into blocks; look_up(first, block) fills the rows of those that begin with
  // the append's behaviour `first`.
  template <typename LookUp>
  void append_blocks(std::size_t count, const Attributes& attributes, Cancellation cancellation,
                     const LookUp& look_up);
  void append_block(BehaviourBlock& block);
  void look_up_features(BehaviourBlock& block) const noexcept;
  void add_new_items(HistorySnapshot& state, BehaviourBlock& block);
  void find_slots(const HistorySnapshot& state, BehaviourBlock& block);
  std::int32_t unused_slot(const HistorySnapshot& state, std::size_t taken) const noexcept;
  void link_repeats(HistorySnapshot& state, BehaviourBlock& block) noexcept;
  void link_newer(const HistorySnapshot& state, const BehaviourBlock& block) noexcept;
  void evict_oldest();
  void restart(std::int64_t sequence);
  // Takes one behaviour from an item; the last one takes the item along.
  void leave_slot(HistorySnapshot& state, std::int32_t slot);
  static void pop_front(HistorySnapshot& state) noexcept;
  // Of removal (history_removal.cc).
  void learn_newer();
  void unshare(HistorySnapshot& state, std::span<const std::int64_t> sequences);
  void unlink(HistorySnapshot& state, std::int64_t sequence, std::int32_t slot) noexcept;
  void blank(HistorySnapshot& state, std::int64_t sequence) noexcept;
  // Calls visit(slot, i) for the items that bear the id at index i of `ids`, though it leads to
  // another row by now, or always has.
  template <typename Visit>
  void visit_shadowed(std::span<const std::int64_t> ids, const Visit& visit) const;
  // Calls visit(sequence, i) for the behaviours whose id is the one at index i of `ids`, which the
  // table does not know.
  template <typename Visit>
  void visit_unknown(std::span<const std::int64_t> ids, const Visit& visit) const;
  std::size_t remove_present(std::vector<std::int64_t> sequences);
  void close_ranks();
  // The state for writing, which no snapshot shares.
  HistorySnapshot& writable();

  std::shared_ptr<const Table> table_;
  std::shared_ptr<const RankerModel> model_;
  std::size_t capacity_;
  std::unique_ptr<SlotStore> store_;
  std::shared_ptr<HistorySnapshot> present_;
  RowSlots row_slots_;
  BlockVector<std::int32_t> free_slots_;
  // To the next behaviour of the same slot, 0: none. Kept from the first removal on: what is
  // between two behaviours leaves without a search for the newer one.
  ChunkedColumn<std::uint32_t> steps_on_;
};

}  // namespace kleio
