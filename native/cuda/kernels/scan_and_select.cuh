// Scan and select in one launch, for few targets: the thread block that is the last to bound the
// blocks of a tile of targets selects for the tile. Which one that is decides only who computes, so
// the results are those of two launches, bit for bit.
//
// Cost      a fence and an atomic addition for each item and tile of targets, in place of the end
//           of one launch and the start of another. The targets of a tile are selected one after
//           the other, which is what limits it to few (cuda/request/search_plan.h).
// Shared    what the select needs with kScanThreads; the scan needs none.
#pragma once

#include <cstdint>

#include "cuda/kernels/block_algorithms.cuh"
#include "cuda/kernels/scan.cuh"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/select.cuh"

namespace kleio::cuda {

template <CodeType kCode, typename Block>
KLEIO_KERNEL_CODE void select_tile(Block& block, const SelectParams& params, std::uint32_t tile) {
  for (std::uint32_t i = 0; i < kTileTargets; ++i) {
    Select<Block, kCode> select(block, params, tile * kTileTargets + i);
    if (select.is_padding()) continue;
    select.write(select.run());
    block.barrier();
  }
}

template <typename Shape, typename Block>
KLEIO_KERNEL_CODE void scan_and_select(Block& block, const ScanAndSelectParams& params) {
  Scan<Block, Shape>(block, params.scan).run();
  const ScanItem& item = params.scan.items[block.index()];
  const std::uint32_t row_items = params.scan.search.histories[item.history].row_items;
  for (std::uint32_t t = 0; t < item.target_tile_count; ++t) {
    const std::uint32_t tile = item.first_target_tile + t;
    if (arrives_last(block, params.arrivals + tile, row_items)) {
      select_tile<Shape::kCode>(block, params.select, tile);
    }
  }
}

}  // namespace kleio::cuda
