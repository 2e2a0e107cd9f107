#include "cuda/request/search_plan.h"

#include <algorithm>
#include <array>
#include <limits>

#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/wgmma_append_layout.h"

namespace kleio::cuda {
namespace {

// Row tiles of an item: one a warp of the scan's thread block.
constexpr std::uint32_t kItemRowTiles = kScanThreads / kWarpLanes;
// Items a multiprocessor should get, so that the last ones to finish cost little.
constexpr std::uint32_t kItemsPerMultiprocessor = 6;
// Fewer targets would not repay reading the item's rows.
constexpr std::uint32_t kMinItemTargetTiles = 4;
constexpr std::array<std::uint32_t, 4> kFolds = {1, 2, 4, 8};

// A search by lists takes a sample of an eighth: scanning it costs an eighth of scanning all, and
// eight times K rows reach a threshold from it. Below 80 rows a place of the K, the threshold falls
// faster than the sample shrinks. Computed (docs/cuda-kernels.md), not yet measured.
constexpr std::uint32_t kMaxStride = 8;
constexpr std::uint32_t kSampledPerPlace = 80;
// Places of a list for each row that is expected there, and more where few are expected.
constexpr std::uint32_t kListSlack = 4;
constexpr std::uint32_t kMinListCapacity = 256;
// Where lists should pay: the two launches more cost as much as they save below these.
constexpr std::uint32_t kMinListedSlots = 50'000;
constexpr std::uint32_t kMinListedTargets = 64;
constexpr std::uint32_t kMinListedStride = 4;

// An item of the append with wgmma fills a multiprocessor: so many targets at once, and then as
// many rows as give every multiprocessor one item, or four tiles of them, below which filling the
// stages would take as long as the work.
constexpr std::uint32_t kWgmmaTargetTiles = kWgmmaTargets / kTileTargets;
constexpr std::uint32_t kWgmmaRowTiles = kWgmmaTileRows / (16 * wide_row_tiles(128, false));
constexpr std::uint32_t kMinWgmmaRowTiles = 4 * kWgmmaRowTiles;

// Bytes that a target moves: each bound is written once and read (from L2, then L1) by the
// select, and the rows of about k blocks are read.
double cost(const RowBlocks& blocks, std::uint32_t slots, const SearchTraits& traits) noexcept {
  const double bounds = 8.0 * blocks.blocks(slots);
  const double visited = std::min(static_cast<double>(traits.k), 1.0 * blocks.blocks(slots));
  return bounds + visited * blocks.rows_per_block() * traits.row_bytes;
}

std::uint32_t best_fold(std::uint32_t row_tiles, std::uint32_t slots,
                        const SearchTraits& traits) noexcept {
  return *std::min_element(kFolds.begin(), kFolds.end(), [&](std::uint32_t a, std::uint32_t b) {
    return cost({row_tiles, a}, slots, traits) < cost({row_tiles, b}, slots, traits);
  });
}

std::uint64_t ceiling(std::uint64_t value, std::uint64_t divisor) noexcept {
  return (value + divisor - 1) / divisor;
}

std::uint32_t sampled(std::uint32_t slots, std::uint32_t stride) noexcept {
  return static_cast<std::uint32_t>(ceiling(slots, stride));
}

// The narrow tile wins where its smaller blocks save more than a quarter: it multiplies at a lower
// rate, since a fragment of targets then meets fewer rows.
std::uint32_t choose_row_tiles(std::span<const HistoryShape> shapes,
                               const SearchTraits& traits) noexcept {
  const std::uint32_t wide = wide_row_tiles(traits.row_bytes, traits.weighted);
  double narrow_cost = 0;
  double wide_cost = 0;
  for (const HistoryShape& shape : shapes) {
    const auto of = [&](std::uint32_t row_tiles) {
      return shape.targets *
             cost({row_tiles, best_fold(row_tiles, shape.slots, traits)}, shape.slots, traits);
    };
    narrow_cost += of(1);
    wide_cost += of(wide);
  }
  return narrow_cost < 0.75 * wide_cost ? 1 : wide;
}

// The work of one scan: of `rows[h]` rows of each history, in tiles of 16 * row_tiles.
struct ScanWork {
  const SearchPlan& plan;
  std::span<const std::uint32_t> rows;
  std::uint32_t row_tiles;

  std::uint32_t tiles(std::size_t history) const noexcept {
    return RowBlocks{row_tiles, 1}.tiles(rows[history]);
  }
  std::uint32_t target_tiles(std::size_t history) const noexcept {
    return plan.histories[history].target_count / kTileTargets;
  }
};

// Tiles of targets an item takes, so that there are enough items for the device.
std::uint32_t item_target_tiles(const ScanWork& work, std::uint32_t multiprocessors) noexcept {
  std::uint64_t row_items = 0;
  std::uint32_t most_tiles = 1;
  for (std::size_t h = 0; h < work.rows.size(); ++h) {
    if (work.target_tiles(h) == 0) continue;
    row_items += ceiling(work.tiles(h), kItemRowTiles);
    most_tiles = std::max(most_tiles, work.target_tiles(h));
  }
  const std::uint64_t wanted = std::uint64_t{kItemsPerMultiprocessor} * multiprocessors;
  const std::uint64_t splits = row_items == 0 ? 1 : std::max<std::uint64_t>(1, wanted / row_items);
  const auto tiles = static_cast<std::uint32_t>(ceiling(most_tiles, splits));
  return std::max(tiles, kMinItemTargetTiles);
}

// Tiles of rows and of targets that an item takes.
struct ItemSize {
  std::uint32_t row_tiles;
  std::uint32_t target_tiles;
};

std::vector<ScanItem> divide(const ScanWork& work, const ItemSize& size) {
  std::vector<ScanItem> items;
  for (std::uint32_t h = 0; h < work.rows.size(); ++h) {
    const std::uint32_t row_tiles = work.tiles(h);
    const std::uint32_t first = work.plan.histories[h].first_target / kTileTargets;
    const std::uint32_t last = first + work.target_tiles(h);
    for (std::uint32_t row = 0; row < row_tiles; row += size.row_tiles) {
      for (std::uint32_t target = first; target < last; target += size.target_tiles) {
        items.push_back({.history = h,
                         .first_row_tile = row,
                         .row_tile_count = std::min(size.row_tiles, row_tiles - row),
                         .first_target_tile = target,
                         .target_tile_count = std::min(size.target_tiles, last - target)});
      }
    }
  }
  return items;
}

ItemSize wgmma_item_size(const ScanWork& work, std::uint32_t multiprocessors) noexcept {
  std::uint64_t row_tiles = 0;  // each as often as it is read
  for (std::size_t h = 0; h < work.rows.size(); ++h) {
    row_tiles += work.tiles(h) * ceiling(work.target_tiles(h), kWgmmaTargetTiles);
  }
  const std::uint64_t share = ceiling(row_tiles, std::max(1u, multiprocessors));
  const auto tiles = static_cast<std::uint32_t>(ceiling(share, kWgmmaRowTiles) * kWgmmaRowTiles);
  return {std::max(tiles, kMinWgmmaRowTiles), kWgmmaTargetTiles};
}

void place_history(SearchPlan& plan, const HistoryShape& shape, const SearchTraits& traits,
                   std::uint32_t stride) {
  const std::uint32_t rows = sampled(shape.slots, stride);
  const RowBlocks blocks{plan.row_tiles, best_fold(plan.row_tiles, rows, traits)};
  HistoryParams& history = plan.histories.emplace_back();
  history.slots = shape.slots;
  history.first_target = plan.target_count;
  history.target_count = round_up_to(shape.targets, kTileTargets);
  history.stride = stride;
  history.fold = blocks.fold;
  history.block_count = blocks.blocks(rows);
  history.first_bound = plan.bound_count;
  history.row_items =
      static_cast<std::uint32_t>(ceiling(RowBlocks{plan.row_tiles, 1}.tiles(rows), kItemRowTiles));
  plan.target_count += history.target_count;
  plan.bound_count += std::uint64_t{history.target_count} * history.block_count;
}

void add_lists(SearchPlan& plan, std::span<const HistoryShape> shapes, const SearchTraits& traits,
               std::uint32_t multiprocessors) {
  std::vector<std::uint32_t> rows;
  for (const HistoryShape& shape : shapes) rows.push_back(shape.slots);
  const ScanWork work{plan, rows, wide_row_tiles(traits.row_bytes, false)};
  const std::uint32_t tiles =
      std::min(item_target_tiles(work, multiprocessors), kMaxItemTargets / kTileTargets);
  plan.append_items = divide(
      work, traits.wgmma ? wgmma_item_size(work, multiprocessors) : ItemSize{kItemRowTiles, tiles});
  plan.list_capacity = kMinListCapacity;
  for (const HistoryParams& history : plan.histories) {
    plan.list_capacity = std::max(plan.list_capacity, kListSlack * history.stride * traits.k);
  }
}

}  // namespace

std::uint32_t sample_stride(std::uint32_t slots, std::uint32_t k) noexcept {
  return std::clamp(slots / (kSampledPerPlace * std::max(1u, k)), 1u, kMaxStride);
}

bool is_by_lists(CandidateSearch asked, std::span<const HistoryShape> shapes,
                 const SearchTraits& traits) noexcept {
  const bool has_kernels = !traits.weighted && traits.row_bytes <= kMaxListedRowBytes;
  if (!has_kernels || asked == CandidateSearch::kBlocks) return false;
  const auto pays = [&](const HistoryShape& shape) {
    return shape.targets >= kMinListedTargets && shape.slots >= kMinListedSlots &&
           sample_stride(shape.slots, traits.k) >= kMinListedStride;
  };
  return asked == CandidateSearch::kLists || std::ranges::all_of(shapes, pays);
}

SearchPlan plan_search(std::span<const HistoryShape> shapes, const SearchTraits& traits,
                       bool by_lists, std::uint32_t multiprocessors, std::uint32_t stride) {
  std::vector<std::uint32_t> strides;
  std::vector<std::uint32_t> rows;
  std::vector<HistoryShape> bounded(shapes.begin(), shapes.end());
  for (HistoryShape& shape : bounded) {
    const std::uint32_t sampling = stride > 0 ? stride : sample_stride(shape.slots, traits.k);
    strides.push_back(by_lists ? sampling : 1);
    shape.slots = sampled(shape.slots, strides.back());
    rows.push_back(shape.slots);
  }
  SearchPlan plan;
  plan.row_tiles = choose_row_tiles(bounded, traits);
  for (std::size_t h = 0; h < shapes.size(); ++h) {
    place_history(plan, shapes[h], traits, strides[h]);
  }
  const ScanWork work{plan, rows, plan.row_tiles};
  plan.items = divide(work, {kItemRowTiles, item_target_tiles(work, multiprocessors)});
  if (by_lists) add_lists(plan, shapes, traits, multiprocessors);
  return plan;
}

// A history without slots has no items, so nobody would select for its targets.
bool takes_one_launch(std::span<const HistoryShape> shapes, const SearchTraits& traits,
                      bool by_lists, std::uint32_t most_targets) noexcept {
  return most_targets > 0 && !by_lists && has_resident_shape(traits.row_bytes, traits.weighted) &&
         std::ranges::all_of(shapes, [&](const HistoryShape& shape) {
           return shape.targets == 0 || (shape.slots > 0 && shape.targets <= most_targets);
         });
}

}  // namespace kleio::cuda
