// How a search is divided: rows into blocks, blocks and targets into the work of thread blocks.
//
// Pure functions of shapes, so that every choice is tested without hardware.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cuda/search_params.h"

namespace kleio::cuda {

struct HistoryShape {
  std::uint32_t slots = 0;
  std::uint32_t targets = 0;
};

struct SearchPlan {
  std::uint32_t row_tiles = 1;           // SearchParams::row_tiles
  std::uint32_t target_count = 0;        // TargetParams::count, padding included
  std::uint64_t bound_count = 0;         // floats of SearchParams::upper, and of `lower`
  std::vector<HistoryParams> histories;  // all but the pointers and `since`
  std::vector<ScanItem> items;
};

// One plan for all histories of a launch. `row_bytes` is TableParams::code_row_bytes; `weighted`
// says whether TableParams::weights is given; `k` counts distinct items; `multiprocessors` is what
// the scan should keep busy.
SearchPlan plan_search(std::span<const HistoryShape> shapes, std::uint32_t row_bytes, bool weighted,
                       std::uint32_t k, std::uint32_t multiprocessors);

}  // namespace kleio::cuda
