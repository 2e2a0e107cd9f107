// A search that is asked again: what has been appended since is scored, and nothing else.
//
// Of each target the K best were kept, so whatever else was eligible then comes after the last of
// them. Hence the K best of those that are still present and of what was appended are the K best of
// all, as long as the last of them does not come after the last one then. Where it does, because
// some have left, the target is searched anew; so are all where more was appended than that costs.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/block_memory.h"
#include "core/call_context.h"
#include "core/history_snapshot.h"
#include "core/kept.h"
#include "core/order.h"
#include "core/row_scorer.h"
#include "core/rows_view.h"
#include "core/search.h"

namespace kleio {

// What is asked, for as long as somebody may ask it again.
class LastingQuestion {
 public:
  LastingQuestion(Targets targets, SearchOptions options, std::size_t max_threads)
      : targets_(std::move(targets)), options_(std::move(options)), max_threads_(max_threads) {}

  const Targets& targets() const noexcept { return targets_; }
  const SearchOptions& options() const noexcept { return options_; }
  std::size_t max_threads() const noexcept { return max_threads_; }
  std::size_t places() const noexcept { return targets_.count * options_.k; }
  // By whoever has searched this history for all of it, which found the targets in order.
  void prepare(const HistorySnapshot& history) const;
  // For whoever extends such a search.
  const RowScorer& scorer() const noexcept { return *scorer_; }
  std::size_t byte_size() const noexcept;

 private:
  Targets targets_;
  SearchOptions options_;
  std::size_t max_threads_;
  mutable std::once_flag made_;
  mutable std::unique_ptr<const RowScorer> scorer_;
};

// What was kept for it, and when.
struct RememberedKept {
  BlockVector<std::int32_t> positions;  // [count, k], as those of a KeptView
  BlockVector<float> scores;
  std::int64_t first = 0;  // of the history then, as the next two
  std::int64_t end = 0;
  std::uint32_t removals = 0;
  bool is_whole = false;  // false: nothing can be told from it

  std::size_t byte_size() const noexcept {
    return block_bytes(positions.capacity() * sizeof(std::int32_t)) +
           block_bytes(scores.capacity() * sizeof(float));
  }
};

// Asks for the few embeddings that extending the search will read, before anything else is done:
// they lie scattered over a table that is not cached.
void prefetch_rows(const LastingQuestion& question, const HistorySnapshot& now,
                   const RememberedKept& remembered) noexcept;

// One asking. `question`, `now`, `remembered` and `kept` outlive it.
class ExtendedSearch {
 public:
  ExtendedSearch(const LastingQuestion& question, const HistorySnapshot& now,
                 RememberedKept& remembered, KeptView kept, const CallContext& context);

  // Whether what is remembered serves.
  bool extends() const noexcept;
  // Then: whether what is remembered can all be kept on, so that nothing is searched anew.
  bool loses_nothing() const noexcept { return moved_ == 0 && !removed_; }
  // Products and comparisons that `extend` takes, about.
  std::size_t work() const noexcept;

  // Fills the places of all targets but those that it returns, ascending. Until they have been
  // searched anew nothing is remembered. Throws kAborted, kOutOfMemory.
  std::vector<std::size_t> extend();
  // Searches all, or these targets only, in the same history with its embeddings. Throws as
  // Backend::search.
  void search_anew(const HistorySnapshot& now);
  void search_anew(const HistorySnapshot& now, std::span<const std::size_t> targets);

 private:
  struct Appended {
    std::int64_t sequence = 0;
    std::int32_t item = -1;  // index in items_; -1: without embedding
  };
  static constexpr std::int32_t kNoItem = -1;

  void list_appended();
  void number_items();
  void find_floors();
  void score_items();
  void collect(std::size_t target);
  bool is_repeat(const Appended& appended, std::size_t target);
  void offer(const Appended& appended, float score);
  bool extend_row(std::size_t target);
  bool stays(std::size_t target) noexcept;
  bool recall(std::size_t target);
  void drop_moved_items();
  void move(std::size_t target) noexcept;
  void write(std::size_t target) noexcept;
  void remember(std::size_t target) noexcept;
  void finish() noexcept;

  std::span<std::int32_t> positions_of(std::size_t target) noexcept {
    return std::span(remembered_.positions).subspan(target * k_, k_);
  }
  std::span<float> scores_of(std::size_t target) noexcept {
    return std::span(remembered_.scores).subspan(target * k_, k_);
  }
  OrderKey key_of(float score, std::int64_t sequence) const noexcept {
    return order_key(score, static_cast<std::uint32_t>(sequence - now_.first()));
  }

  const LastingQuestion& question_;
  const HistorySnapshot& now_;
  const RowsView table_;
  RememberedKept& remembered_;
  const KeptView kept_;
  const CallContext& context_;
  const std::size_t k_;
  const bool by_categories_;
  const std::int64_t moved_;  // places that have left at the front since
  const bool removed_;        // some have been removed

  std::vector<Appended> appended_;   // eligible ones, newest first
  std::vector<std::int32_t> items_;  // their rows; in a distinct search each once
  std::vector<float> floors_;        // per target: what scores less is not kept
  BlockVector<float> scores_;        // [count, items]
  std::vector<std::size_t> seen_;    // per item, the target + 1 that has it already

  // Of one target, while it is extended.
  std::vector<OrderKey> offered_;
  std::vector<std::int32_t> offered_rows_;
  std::vector<OrderKey> present_;
  std::vector<OrderKey> best_;
};

}  // namespace kleio
