// Which behaviours a search may keep, as the kernels read it: the newest eligible position of each
// slot, where `since` or excluded items leave some out.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "core/history_snapshot.h"
#include "core/search.h"

namespace kleio::cuda {

inline bool has_since(const SearchOptions& options) noexcept {
  return options.since > -std::numeric_limits<double>::infinity();
}

// False: every behaviour of every slot is eligible.
inline bool leaves_out(const SearchOptions& options) noexcept {
  return has_since(options) || !options.excluded_rows.empty();
}

// Fills `newest`, one per slot, with positions or kNotEligible.
void newest_eligible(const HistorySnapshot& history, const SearchOptions& options,
                     std::span<std::uint32_t> newest);

}  // namespace kleio::cuda
