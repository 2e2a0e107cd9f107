// What a search asks and what it answers, the same for every backend.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/behaviour_fields.h"
#include "core/history_snapshot.h"
#include "core/kept.h"
#include "core/table.h"
#include "core/unit.h"

namespace kleio {

struct SearchOptions {
  Unit unit = Unit::kCosine;
  std::uint32_t k = 0;                                        // 1 .. kMaxRows
  float min_score = -std::numeric_limits<float>::infinity();  // keep score >= min_score
  double since = -std::numeric_limits<double>::infinity();    // keep time >= since
  double until = std::numeric_limits<double>::infinity();     // keep time <= until
  bool distinct = false;                                      // each item once, its newest place
  std::vector<std::int32_t> excluded_rows;                    // items never kept
  std::vector<std::int64_t> excluded_ids;                     // of behaviours without embedding

  bool by_time() const noexcept {
    return since > -std::numeric_limits<double>::infinity() ||
           until < std::numeric_limits<double>::infinity();
  }
  bool is_in_time(double time) const noexcept { return time >= since && time <= until; }
  // False: every behaviour is eligible.
  bool leaves_out() const noexcept {
    return by_time() || !excluded_rows.empty() || !excluded_ids.empty();
  }
};

// The targets of one search. Exactly one member is filled, by unit and by how the caller gave them.
struct Targets {
  std::vector<std::int32_t> rows;        // rows of the history's table, -1: absent
  std::vector<std::byte> embeddings;     // count x dim elements of the table's dtype
  std::vector<std::int64_t> categories;  // Unit::kCategory
  std::size_t count = 0;
};

// One search of many.
struct HistorySearch {
  std::shared_ptr<const HistorySnapshot> history;
  Targets targets;
  SearchOptions options;
  KeptView kept;
  FieldsView fields;            // of what is kept
  std::size_t max_threads = 0;  // that may work on it; 0: as many as the pool has
};

// Counters a process keeps of how searches went; `inspect()` shows them.
struct SearchCounters {
  std::atomic<std::uint64_t> searches{0};
  std::atomic<std::uint64_t> targets{0};
  std::atomic<std::uint64_t> canonical_compactions{0};  // ties or a hostile order filled a buffer
  std::atomic<std::uint64_t> full_canonical_scans{0};   // the certified scan had no valid bound
};

}  // namespace kleio
