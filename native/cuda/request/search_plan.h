// How a search is divided: rows into blocks, blocks and targets into the work of thread blocks.
//
// Pure functions of shapes, so that every choice is tested without hardware.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/accelerator.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

struct HistoryShape {
  std::uint32_t slots = 0;
  std::uint32_t targets = 0;
};

// What the histories of a launch are searched in and for.
struct SearchTraits {
  std::uint32_t row_bytes = 0;  // TableParams::code_row_bytes
  bool weighted = false;        // TableParams::weights is given
  std::uint32_t k = 0;          // counts distinct items
  bool wgmma = false;           // an append with it, which there is for these rows
};

struct SearchPlan {
  std::uint32_t row_tiles = 1;           // SearchParams::row_tiles
  std::uint32_t target_count = 0;        // TargetParams::count, padding included
  std::uint64_t bound_count = 0;         // floats of SearchParams::upper, and of `lower`
  std::vector<HistoryParams> histories;  // all but the pointers and `since`
  std::vector<ScanItem> items;
  // Of a search by lists alone.
  std::vector<ScanItem> append_items;
  std::uint32_t list_capacity = 0;  // CandidateLists::capacity; 0: a search by blocks
};

// Whether the histories of a launch are searched by lists; never where there are no kernels for it.
bool is_by_lists(CandidateSearch asked, std::span<const HistoryShape> shapes,
                 const SearchTraits& traits) noexcept;

// Slots of a history for each that is sampled for a threshold.
std::uint32_t sample_stride(std::uint32_t slots, std::uint32_t k) noexcept;

// One plan for all histories of a launch. `multiprocessors` is what the scans should keep busy;
// `stride` 0 means sample_stride.
SearchPlan plan_search(std::span<const HistoryShape> shapes, const SearchTraits& traits,
                       bool by_lists, std::uint32_t multiprocessors, std::uint32_t stride = 0);

// Whether the scan's thread blocks select too (cuda/kernels/scan_and_select.cuh): where rows stay
// in registers, none is searched by lists, and no history has more than `most_targets`, which it
// selects one after the other. 0: never.
bool takes_one_launch(std::span<const HistoryShape> shapes, const SearchTraits& traits,
                      bool by_lists, std::uint32_t most_targets) noexcept;

}  // namespace kleio::cuda
