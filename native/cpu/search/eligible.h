// Whether a search may keep a behaviour, for searches that go by the columns of a history.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "core/history_snapshot.h"
#include "core/search.h"

namespace kleio {

class Eligible {
 public:
  Eligible(const HistorySnapshot& history, const SearchOptions& options)
      : history_(history),
        options_(options),
        has_since_(options.has_since()),
        excluded_(options.excluded_rows.begin(), options.excluded_rows.end()) {}

  bool operator()(std::int64_t sequence) const {
    if (has_since_ && !(history_.times[sequence] >= options_.since)) return false;
    const std::int32_t slot = history_.slot_of[sequence];
    if (slot == kNoSlot) return true;
    return excluded_.empty() || !excluded_.contains(history_.slots[slot].row);
  }

 private:
  const HistorySnapshot& history_;
  const SearchOptions& options_;
  bool has_since_;
  std::unordered_set<std::int32_t> excluded_;
};

}  // namespace kleio
