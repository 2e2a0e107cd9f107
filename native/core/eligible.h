// Whether a search may keep a behaviour, for whoever goes by the columns of a history.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "core/history_snapshot.h"
#include "core/search.h"
#include "core/secret_hash.h"

namespace kleio {

class Eligible {
 public:
  Eligible(const HistorySnapshot& history, const SearchOptions& options)
      : history_(history),
        options_(options),
        leaves_out_(options.leaves_out()),
        by_time_(options.by_time() && history.has_times()),
        excluded_rows_(options.excluded_rows.begin(), options.excluded_rows.end()),
        excluded_ids_(options.excluded_ids.begin(), options.excluded_ids.end()) {}

  // Of a sequence number between the history's ends.
  bool operator()(std::int64_t sequence) const {
    const std::int32_t slot = history_.slot_of[sequence];
    return slot != kRemoved && (!leaves_out_ || counts(sequence, slot));
  }

 private:
  bool counts(std::int64_t sequence, std::int32_t slot) const {
    if (by_time_ && !options_.is_in_time(history_.times[sequence])) return false;
    if (slot != kNoSlot) {
      return excluded_rows_.empty() || !excluded_rows_.contains(history_.slots[slot].row);
    }
    if (excluded_ids_.empty()) return true;
    const auto unknown = history_.unknown_item(sequence);
    return !unknown || !excluded_ids_.contains(history_.unknown_items[*unknown].id);
  }

  const HistorySnapshot& history_;
  const SearchOptions& options_;
  bool leaves_out_;
  bool by_time_;
  std::unordered_set<std::int32_t> excluded_rows_;
  std::unordered_set<std::int64_t, SecretHash> excluded_ids_;
};

// The newest eligible behaviours, at most `most`, oldest first.
inline std::vector<std::int64_t> newest_eligible(const HistorySnapshot& history,
                                                 const SearchOptions& options, std::size_t most) {
  const Eligible eligible(history, options);
  std::vector<std::int64_t> newest;
  for (std::int64_t s = history.end(); s-- > history.first() && newest.size() < most;) {
    if (eligible(s)) newest.push_back(s);
  }
  return {newest.rbegin(), newest.rend()};
}

}  // namespace kleio
