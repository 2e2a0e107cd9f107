// Which behaviours a search may keep, as the kernels read it: the newest eligible position of each
// slot, where times or excluded items leave some out.
#pragma once

#include <cstdint>
#include <span>

#include "core/history_snapshot.h"
#include "core/search.h"

namespace kleio::cuda {

// Fills `newest`, one per slot, with positions or kNotEligible.
void newest_eligible(const HistorySnapshot& history, const SearchOptions& options,
                     std::span<std::uint32_t> newest);

}  // namespace kleio::cuda
