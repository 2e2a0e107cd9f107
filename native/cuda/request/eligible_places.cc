#include "cuda/request/eligible_places.h"

#include <algorithm>
#include <cassert>
#include <unordered_set>

#include "cuda/kernels/search_params.h"

namespace kleio::cuda {
namespace {

void newest_since(const HistorySnapshot& history, double since, std::span<std::uint32_t> newest) {
  for (std::int64_t s = history.first(); s < history.slot_of.end(); ++s) {
    const std::int32_t slot = history.slot_of[s];
    if (slot == kNoSlot || !(history.times[s] >= since)) continue;
    newest[static_cast<std::size_t>(slot)] = static_cast<std::uint32_t>(s - history.first());
  }
}

}  // namespace

void newest_eligible(const HistorySnapshot& history, const SearchOptions& options,
                     std::span<std::uint32_t> newest) {
  assert(newest.size() <= history.slot_count());
  std::ranges::fill(newest, kNotEligible);
  if (options.has_since()) newest_since(history, options.since, newest);
  const std::unordered_set<std::int32_t> excluded(options.excluded_rows.begin(),
                                                  options.excluded_rows.end());
  for (std::size_t i = 0; i < newest.size(); ++i) {
    const Slot& slot = history.slots[static_cast<std::int64_t>(i)];
    if (slot.behaviours == 0 || excluded.contains(slot.row)) {
      newest[i] = kNotEligible;
    } else if (!options.has_since()) {
      newest[i] = static_cast<std::uint32_t>(slot.newest - history.first());
    }
  }
}

}  // namespace kleio::cuda
