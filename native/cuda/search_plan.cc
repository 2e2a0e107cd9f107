#include "cuda/search_plan.h"

#include <algorithm>
#include <array>
#include <limits>

#include "cuda/row_blocks.h"
#include "cuda/scan_shapes.cuh"

namespace kleio::cuda {
namespace {

// Row tiles of an item: one a warp of the scan's thread block.
constexpr std::uint32_t kItemRowTiles = kScanThreads / kWarpLanes;
// Items a multiprocessor should get, so that the last ones to finish cost little.
constexpr std::uint32_t kItemsPerMultiprocessor = 6;
// Fewer targets would not repay reading the item's rows.
constexpr std::uint32_t kLeastItemTargetTiles = 4;
constexpr std::array<std::uint32_t, 4> kFolds = {1, 2, 4, 8};

// Bytes that a target moves: each bound is written once and read (from L2, then L1) by the
// select, and the rows of about k blocks are read.
double cost(const RowBlocks& blocks, std::uint32_t slots, std::uint32_t row_bytes,
            std::uint32_t k) noexcept {
  const double bounds = 8.0 * blocks.blocks(slots);
  const double visited = std::min(static_cast<double>(k), 1.0 * blocks.blocks(slots));
  return bounds + visited * blocks.rows_per_block() * row_bytes;
}

std::uint32_t best_fold(std::uint32_t row_tiles, std::uint32_t slots, std::uint32_t row_bytes,
                        std::uint32_t k) noexcept {
  return *std::min_element(kFolds.begin(), kFolds.end(), [&](std::uint32_t a, std::uint32_t b) {
    return cost({row_tiles, a}, slots, row_bytes, k) < cost({row_tiles, b}, slots, row_bytes, k);
  });
}

// The narrow tile wins where its smaller blocks save more than a quarter: it multiplies at a lower
// rate, since a fragment of targets then meets fewer rows.
std::uint32_t choose_row_tiles(std::span<const HistoryShape> shapes, std::uint32_t wide,
                               std::uint32_t row_bytes, std::uint32_t k) noexcept {
  double narrow_cost = 0;
  double wide_cost = 0;
  for (const HistoryShape& shape : shapes) {
    const auto of = [&](std::uint32_t row_tiles) {
      return shape.targets * cost({row_tiles, best_fold(row_tiles, shape.slots, row_bytes, k)},
                                  shape.slots, row_bytes, k);
    };
    narrow_cost += of(1);
    wide_cost += of(wide);
  }
  return narrow_cost < 0.75 * wide_cost ? 1 : wide;
}

std::uint64_t ceiling(std::uint64_t value, std::uint64_t divisor) noexcept {
  return (value + divisor - 1) / divisor;
}

void add_items(SearchPlan& plan, std::uint32_t history, std::uint32_t row_tiles,
               std::uint32_t item_target_tiles) {
  const HistoryParams& params = plan.histories[history];
  const std::uint32_t first = params.first_target / kTileTargets;
  const std::uint32_t last = first + params.target_count / kTileTargets;
  for (std::uint32_t row = 0; row < row_tiles; row += kItemRowTiles) {
    for (std::uint32_t target = first; target < last; target += item_target_tiles) {
      plan.items.push_back({.history = history,
                            .first_row_tile = row,
                            .row_tile_count = std::min(kItemRowTiles, row_tiles - row),
                            .first_target_tile = target,
                            .target_tile_count = std::min(item_target_tiles, last - target)});
    }
  }
}

// Tiles of targets an item takes, so that there are enough items for the device.
std::uint32_t item_target_tiles(const SearchPlan& plan, std::span<const HistoryShape> shapes,
                                std::uint32_t multiprocessors) noexcept {
  std::uint64_t row_items = 0;
  std::uint32_t most_tiles = 1;
  for (std::size_t h = 0; h < shapes.size(); ++h) {
    if (shapes[h].targets == 0) continue;
    row_items += ceiling(RowBlocks{plan.row_tiles, 1}.tiles(shapes[h].slots), kItemRowTiles);
    most_tiles = std::max(most_tiles, plan.histories[h].target_count / kTileTargets);
  }
  const std::uint64_t wanted = std::uint64_t{kItemsPerMultiprocessor} * multiprocessors;
  const std::uint64_t splits = row_items == 0 ? 1 : std::max<std::uint64_t>(1, wanted / row_items);
  const auto tiles = static_cast<std::uint32_t>(ceiling(most_tiles, splits));
  return std::max(tiles, kLeastItemTargetTiles);
}

}  // namespace

SearchPlan plan_search(std::span<const HistoryShape> shapes, std::uint32_t row_bytes, bool weighted,
                       std::uint32_t k, std::uint32_t multiprocessors) {
  SearchPlan plan;
  plan.row_tiles = choose_row_tiles(shapes, wide_row_tiles(row_bytes, weighted), row_bytes, k);
  for (const HistoryShape& shape : shapes) {
    const RowBlocks blocks{plan.row_tiles, best_fold(plan.row_tiles, shape.slots, row_bytes, k)};
    HistoryParams& history = plan.histories.emplace_back();
    history.slots = shape.slots;
    history.first_target = plan.target_count;
    history.target_count = round_up_to(shape.targets, kTileTargets);
    history.fold = blocks.fold;
    history.block_count = blocks.blocks(shape.slots);
    history.first_bound = plan.bound_count;
    plan.target_count += history.target_count;
    plan.bound_count += std::uint64_t{history.target_count} * history.block_count;
  }
  const std::uint32_t target_tiles = item_target_tiles(plan, shapes, multiprocessors);
  for (std::uint32_t h = 0; h < shapes.size(); ++h) {
    add_items(plan, h, RowBlocks{plan.row_tiles, 1}.tiles(shapes[h].slots), target_tiles);
  }
  return plan;
}

}  // namespace kleio::cuda
