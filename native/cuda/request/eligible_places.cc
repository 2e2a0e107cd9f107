#include "cuda/request/eligible_places.h"

#include <algorithm>
#include <cassert>
#include <unordered_set>

#include "cuda/kernels/search_params.h"

namespace kleio::cuda {
namespace {

void newest_in_time(const HistorySnapshot& history, const SearchOptions& options,
                    std::span<std::uint32_t> newest) {
  for (std::int64_t s = history.first(); s < history.end(); ++s) {
    const std::int32_t slot = history.slot_of[s];
    if (slot < 0 || !options.is_in_time(history.times[s])) continue;
    newest[static_cast<std::size_t>(slot)] = static_cast<std::uint32_t>(s - history.first());
  }
}

}  // namespace

void newest_eligible(const HistorySnapshot& history, const SearchOptions& options,
                     std::span<std::uint32_t> newest) {
  assert(newest.size() <= history.slot_count());
  std::ranges::fill(newest, kNotEligible);
  if (options.by_time()) newest_in_time(history, options, newest);
  const std::unordered_set<std::int32_t> excluded(options.excluded_rows.begin(),
                                                  options.excluded_rows.end());
  for (std::size_t i = 0; i < newest.size(); ++i) {
    const Slot& slot = history.slots[static_cast<std::int64_t>(i)];
    if (slot.behaviours == 0 || excluded.contains(slot.row)) {
      newest[i] = kNotEligible;
    } else if (!options.by_time()) {
      newest[i] = static_cast<std::uint32_t>(slot.newest - history.first());
    }
  }
}

}  // namespace kleio::cuda
