// What is asked of a batch of searches: targets of some searches, which have a kind in common.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/search.h"

namespace kleio::cuda {

// What searches of one batch have in common.
struct SearchKind {
  Unit unit = Unit::kCosine;  // that reads embeddings
  std::uint32_t k = 0;        // at most kMaxDeviceK
  float min_score = 0;
  bool distinct = false;

  static SearchKind of(const SearchOptions& options) noexcept {
    return {options.unit, options.k, options.min_score, options.distinct};
  }
  bool operator==(const SearchKind&) const = default;
};

// Some targets of a search.
struct SearchSlice {
  const HistorySnapshot* history = nullptr;
  const Targets* targets = nullptr;
  const SearchOptions* options = nullptr;
  std::size_t first = 0;
  std::size_t count = 0;
};

}  // namespace kleio::cuda
