// What a history says of one slot: two loads that do not wait for each other.
#pragma once

#include <cassert>
#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

struct HistorySlot {
  std::uint32_t newest = kNotEligible;  // position
  std::uint32_t row = 0;                // of the table; means nothing where not eligible
};

KLEIO_KERNEL_CODE HistorySlot slot_of_history(const HistoryParams& history, std::uint32_t slot) {
  assert(slot < history.slots);
  HistorySlot found;
  found.newest = history.newest == nullptr ? slot : history.newest[slot];
  found.row = history.rows == nullptr ? slot : static_cast<std::uint32_t>(history.rows[slot]);
  if (found.newest != kNotEligible) found.newest -= history.newest_origin;
  return found;
}

}  // namespace kleio::cuda
