// Which behaviours a search may keep, as the kernels read it: the newest eligible position of each
// slot, where `since` or excluded items leave some out.
#pragma once

#include <cstdint>
#include <span>

#include "core/history_snapshot.h"
#include "core/search.h"

namespace kleio::cuda {

// False: every behaviour of every slot is eligible.
inline bool leaves_out(const SearchOptions& options) noexcept {
  return options.has_since() || !options.excluded_rows.empty();
}

// Fills `newest`, one per slot, with positions or kNotEligible.
void newest_eligible(const HistorySnapshot& history, const SearchOptions& options,
                     std::span<std::uint32_t> newest);

}  // namespace kleio::cuda
