// The interface that the CPU and the CUDA backend both implement and the conformance suite drives.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/call_context.h"
#include "core/peak_loop.h"
#include "core/ranker_model.h"
#include "core/ranking.h"
#include "core/row_scorer.h"
#include "core/search.h"
#include "core/slot_store.h"
#include "core/table.h"
#include "core/target_attention_batch.h"

namespace kleio {

// A table's copy on a backend's device.
class TableResidence {
 public:
  virtual ~TableResidence() = default;
  virtual std::size_t byte_size() const noexcept = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;

  // Puts a table where this backend searches it; it stays while somebody holds the result or a
  // history over the table. nullptr: the table's own memory serves. Throws kOutOfMemory.
  virtual std::shared_ptr<const TableResidence> reside(std::shared_ptr<const Table> table) const;

  // Storage for the slots of one history over `table`.
  virtual std::unique_ptr<SlotStore> make_slot_store(std::shared_ptr<const Table> table) const = 0;

  // Fills `kept`, whatever it held. Asks once a tile whether the call is cancelled. Throws
  // kAborted, kOutOfMemory. Safe to call from many threads at once.
  virtual void search(const HistorySnapshot& history, const Targets& targets,
                      const SearchOptions& options, const CallContext& context,
                      KeptView kept) const = 0;

  // Fills every search's `kept` as `search` does; histories are this backend's, options are any.
  // Unless a backend knows better, each is divided among the pool's threads that have none left.
  virtual void search_many(std::span<const HistorySearch> searches,
                           const CallContext& context) const;

  // The stateless search over a plain matrix: row index = position.
  virtual void top_k(const MatrixView& history, const MatrixView& targets,
                     const SearchOptions& options, const CallContext& context,
                     KeptView kept) const = 0;

  // For a unit that reads embeddings. `targets` are rows of `table` or finite embeddings of its
  // kind, and outlive the scorer.
  virtual std::unique_ptr<RowScorer> make_row_scorer(const RowsView& table, const Targets& targets,
                                                     Unit unit) const = 0;

  // Makes a model ready to rank with this backend, which outlives the session.
  virtual std::unique_ptr<RankerSession> make_ranker(
      std::shared_ptr<const RankerModel> model) const = 0;

  // Fills `out`, [count, sum of the heads' value widths].
  virtual void attend(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                      const CallContext& context, std::span<float> out) const = 0;

  virtual const SearchCounters& counters() const noexcept = 0;

  // Optional: nullptr where the backend cannot measure its device.
  virtual const PeakMeter* peak_meter() const noexcept { return nullptr; }
};

// Searches of histories of any backends; those of one that stand together are one piece of work.
void search_many(std::span<const HistorySearch> searches, const CallContext& context);

}  // namespace kleio
