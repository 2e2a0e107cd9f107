// The maps that host and device share: every row and target belongs to exactly one place.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/select_layout.h"
#include "cuda/kernels/wgmma_append_layout.h"
#include "cuda/request/search_plan.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::array<std::uint32_t, 3> kRowTiles = {1, 2, 4};
constexpr std::array<std::uint32_t, 4> kFolds = {1, 2, 4, 8};

void check_block_map(const RowBlocks& blocks, std::uint32_t slots) {
  std::vector<std::uint32_t> block_of_slot(slots, kNotEligible);
  const std::uint32_t count = blocks.blocks(slots);
  for (std::uint32_t block = 0; block < count; ++block) {
    for (std::uint32_t i = 0; i < blocks.rows_per_block(); ++i) {
      const std::uint32_t slot = blocks.slot(block, i);
      if (slot >= slots) continue;
      require(block_of_slot[slot] == kNotEligible, "slot %u lies in two blocks", slot);
      block_of_slot[slot] = block;
    }
  }
  // What the scan writes is what the select reads.
  for (std::uint32_t tile = 0; tile < blocks.tiles(slots); ++tile) {
    for (std::uint32_t g = 0; g < kRowGroups; ++g) {
      require(blocks.block_of(tile, g) < count, "block %u of %u", blocks.block_of(tile, g), count);
      for (std::uint32_t i = 0; i < 2 * blocks.row_tiles; ++i) {
        const std::uint32_t slot = blocks.slot_in_tile(tile, g, i);
        require(slot >= slots || block_of_slot[slot] == blocks.block_of(tile, g),
                "slot %u: scan and select differ", slot);
      }
    }
  }
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    require(block_of_slot[slot] != kNotEligible, "slot %u lies in no block", slot);
  }
}

// `stride` 0: that of each history's blocks.
void check_items(const SearchPlan& plan, const std::vector<ScanItem>& items,
                 std::uint32_t row_tiles, std::uint32_t stride) {
  std::vector<std::vector<std::uint8_t>> covered;
  for (const HistoryParams& history : plan.histories) {
    const std::uint32_t step = stride > 0 ? stride : history.stride;
    const std::uint32_t rows = (history.slots + step - 1) / step;
    covered.emplace_back(std::size_t{RowBlocks{row_tiles, 1}.tiles(rows)} *
                         (history.target_count / kTileTargets));
  }
  for (const ScanItem& item : items) {
    const HistoryParams& history = plan.histories[item.history];
    const std::uint32_t tiles = history.target_count / kTileTargets;
    require(item.row_tile_count > 0 && item.target_tile_count > 0, "an item without work");
    for (std::uint32_t r = 0; r < item.row_tile_count; ++r) {
      for (std::uint32_t t = 0; t < item.target_tile_count; ++t) {
        const std::uint32_t target =
            item.first_target_tile + t - history.first_target / kTileTargets;
        const std::size_t place = std::size_t{item.first_row_tile + r} * tiles + target;
        require(target < tiles && place < covered[item.history].size(),
                "an item beyond its history");
        require(covered[item.history][place]++ == 0, "work is done twice");
      }
    }
  }
  for (const auto& places : covered) {
    require(std::find(places.begin(), places.end(), 0) == places.end(), "work is left undone");
  }
}

// As many targets as a thread block multiplies at once, and whole tiles of rows but for the last.
void check_wgmma_items(const std::vector<ScanItem>& items, std::uint32_t row_tiles) {
  for (const ScanItem& item : items) {
    require(item.target_tile_count * kTileTargets <= kWgmmaTargets, "an item has %u targets",
            item.target_tile_count * kTileTargets);
    require(item.first_row_tile * 16 * row_tiles % kWgmmaTileRows == 0, "a tile is cut");
  }
}

void check_lists(const SearchPlan& plan, const SearchTraits& traits) {
  check_items(plan, plan.append_items, wide_row_tiles(traits.row_bytes, false), 1);
  require(plan.list_capacity > 0, "a search by lists without lists");
  for (const ScanItem& item : plan.append_items) {
    require(item.target_tile_count * kTileTargets <= kMaxItemTargets, "an item has %u targets",
            item.target_tile_count * kTileTargets);
  }
  const std::uint32_t bytes = append_layout(kMaxStaged).bytes;
  require(bytes <= 48 * 1024, "an append needs %u bytes of shared memory", bytes);
  const std::uint32_t wgmma_bytes = wgmma_append_layout(kMaxStaged).bytes;
  require(wgmma_bytes <= 227 * 1024, "an append with wgmma needs %u bytes", wgmma_bytes);
}

void check_places(const SearchPlan& plan, const std::vector<HistoryShape>& shapes) {
  require(plan.histories.size() == shapes.size(), "a history is missing");
  std::uint32_t target = 0;
  std::uint64_t bound = 0;
  for (std::size_t h = 0; h < shapes.size(); ++h) {
    const HistoryParams& history = plan.histories[h];
    require(history.slots == shapes[h].slots, "slots are lost");
    require(history.first_target == target && history.target_count % kTileTargets == 0 &&
                history.target_count >= shapes[h].targets,
            "targets overlap");
    require(history.first_bound == bound, "bounds overlap");
    const std::uint32_t first_tile = history.first_target / kTileTargets;
    const auto sharing = std::ranges::count_if(plan.items, [&](const ScanItem& item) {
      return item.history == h && item.first_target_tile == first_tile;
    });
    require(history.target_count == 0 || history.row_items == sharing,
            "%u items share the rows, not %td", history.row_items, sharing);
    const std::uint32_t rows = (history.slots + history.stride - 1) / history.stride;
    require(history.block_count == RowBlocks{plan.row_tiles, history.fold}.blocks(rows),
            "blocks are miscounted");
    target += history.target_count;
    bound += std::uint64_t{history.target_count} * history.block_count;
  }
  require(plan.target_count == target && plan.bound_count == bound, "totals differ");
}

// Every array of a select lies within its block's shared memory, and those that hold something at
// the same time apart.
void check_select_layout(std::uint32_t threads, std::uint32_t k) {
  const SelectLayout layout = select_layout(threads, k);
  const std::array<std::pair<std::uint32_t, std::uint32_t>, 6> arrays = {
      {{layout.words, 4 * kWarpLanes},
       {layout.keys, 8 * layout.key_capacity},
       {layout.list, 4 * layout.list_capacity},
       {layout.rows, 4 * threads},
       {layout.survivors, 8 * layout.survivor_capacity},
       {layout.dots, 4 * layout.survivor_capacity}}};
  std::uint32_t end = 0;
  for (const auto& [offset, bytes] : arrays) {
    require(offset >= end && offset % 16 == 0, "arrays of a select overlap");
    end = offset + bytes;
  }
  end = std::max(end, layout.cursors + 8 * k);
  require(layout.cursors >= layout.keys + 8 * layout.key_capacity, "cursors lie in the keys");
  require(end <= layout.bytes && layout.bytes % 16 == 0, "a select needs more shared memory");
  require(layout.maxima >= layout.words + 4 * kWarpLanes &&
              layout.maxima + 4 * layout.maxima_capacity <= layout.bytes,
          "maxima lie elsewhere");
  require(layout.maxima_capacity >= std::max(4 * k, 8 * threads), "k = %u: %u maxima", k,
          layout.maxima_capacity);
}

void check_select_layouts() {
  for (std::uint32_t k = 1; k <= kMaxDeviceK; ++k) {
    for (const std::uint32_t threads : {kWarpLanes, kSelectThreads, kWideSelectThreads}) {
      check_select_layout(threads, k);
      const std::uint32_t bytes = select_layout(threads, k).bytes;
      require(bytes <= kSharedBytes, "k = %u needs %u bytes of shared memory", k, bytes);
    }
    const std::uint32_t warps = select_warps(k);
    require(warps >= 1 && warps <= kMaxSelectWarps && kMaxSelectWarps % warps == 0 &&
                warps * select_layout(kWarpLanes, k).bytes <= kSharedBytes,
            "k = %u: %u warps of a thread block", k, warps);
  }
  require(select_warps(50) == kMaxSelectWarps, "few warps share a thread block");
}

// Which searches are by lists, and of what sample.
void check_algorithms() {
  using enum CandidateSearch;
  const auto by_lists = [](CandidateSearch asked, std::vector<HistoryShape> shapes,
                           const SearchTraits& traits) {
    return is_by_lists(asked, shapes, traits);
  };
  const SearchTraits int8 = {128, false, 50};
  const HistoryShape large = {100'000, 1000};
  require(!by_lists(kBlocks, {large}, int8), "lists although they were not asked for");
  require(by_lists(kLists, {{10, 1}}, int8), "no lists although they were asked for");
  for (const CandidateSearch asked : {kLists, kComputed}) {
    require(!by_lists(asked, {large}, {128, true, 50}), "lists of weighted rows");
    require(!by_lists(asked, {large}, {320, false, 50}), "lists of rows that are streamed");
    require(by_lists(asked, {large, large}, {256, false, 50}), "no lists of resident rows");
  }
  require(!by_lists(kComputed, {large, {100'000, 8}}, int8), "lists for few targets");
  require(!by_lists(kComputed, {large, {10'000, 1000}}, int8), "lists of a short history");
  require(!by_lists(kComputed, {large}, {128, false, 1024}), "lists for a large K");
  require(sample_stride(100'000, 50) == 8 && sample_stride(20'000, 50) == 5, "an odd sample");
  require(sample_stride(0, 1) == 1 && sample_stride(100'000, 1024) == 1, "less than all rows");
}

}  // namespace

std::string check_block_maps() {
  std::uint32_t maps = 0;
  for (const std::uint32_t row_tiles : kRowTiles) {
    for (const std::uint32_t fold : kFolds) {
      for (std::uint32_t slots = 0; slots <= 300; ++slots, ++maps) {
        check_block_map({row_tiles, fold}, slots);
      }
      check_block_map({row_tiles, fold}, 100'003);
    }
  }
  return std::to_string(maps) + " maps";
}

void check_one_launch() {
  const auto takes = [](std::vector<HistoryShape> shapes, std::uint32_t most) {
    return takes_one_launch(shapes, {128, false, 50}, false, most);
  };
  require(takes({{100'000, 1}, {5, 1}, {0, 0}}, 1), "one target is few");
  require(!takes({{100'000, 1}, {5, 2}}, 1), "two are not");
  require(takes({{100'000, 8}}, 8) && !takes({{100'000, 9}}, 8), "another limit");
  require(!takes({{100'000, 1}}, 0), "never");
  require(!takes({{100'000, 1}, {0, 1}}, 8), "without slots nobody would select");
  require(!takes_one_launch({}, {320, false, 50}, false, 8) &&
              !takes_one_launch({}, {64, true, 50}, false, 8) &&
              !takes_one_launch({}, {64, false, 50}, true, 8) &&
              takes_one_launch({}, {256, false, 50}, false, 8),
          "there are kernels for rows in registers");
}

std::string check_plans(Random& random) {
  check_one_launch();
  constexpr std::array<std::uint32_t, 7> kRowBytes = {64, 128, 192, 256, 320, 1024, 8192};
  std::uint32_t plans = 0;
  const auto check = [&](const std::vector<HistoryShape>& shapes, std::uint32_t k) {
    for (const std::uint32_t row_bytes : kRowBytes) {
      for (const bool weighted : {false, true}) {
        const SearchTraits traits{row_bytes, weighted, k};
        for (const auto asked : {CandidateSearch::kBlocks, CandidateSearch::kLists}) {
          const bool lists = is_by_lists(asked, shapes, traits);
          const SearchPlan plan = plan_search(shapes, traits, lists, draw(random, 1, 150));
          require(plan.row_tiles == 1 || plan.row_tiles == wide_row_tiles(row_bytes, weighted),
                  "no kernel has %u row tiles", plan.row_tiles);
          check_places(plan, shapes);
          check_items(plan, plan.items, plan.row_tiles, 0);
          if (lists) check_lists(plan, traits);
          ++plans;
          if (!lists || !has_wgmma_append(CodeType::kInt8, row_bytes)) continue;
          SearchTraits with_wgmma = traits;
          with_wgmma.wgmma = true;
          const SearchPlan other = plan_search(shapes, with_wgmma, lists, draw(random, 1, 150));
          check_lists(other, with_wgmma);
          check_wgmma_items(other.append_items, wide_row_tiles(row_bytes, false));
        }
      }
    }
  };
  for (std::uint32_t slots = 0; slots <= 140; ++slots) {
    for (const std::uint32_t targets : {0u, 1u, 7u, 8u, 9u, 17u}) check({{slots, targets}}, 50);
  }
  for (const std::uint32_t slots : {1000u, 10'000u, 100'000u, 1'000'000u}) {
    for (const std::uint32_t targets : {1u, 16u, 100u, 1000u}) {
      for (const std::uint32_t k : {1u, 50u, 1024u}) check({{slots, targets}}, k);
    }
  }
  for (int i = 0; i < 50; ++i) {
    std::vector<HistoryShape> shapes(draw(random, 0, 12));
    for (HistoryShape& shape : shapes) shape = {draw(random, 0, 5000), draw(random, 0, 60)};
    check(shapes, draw(random, 1, 1024));
  }
  check_select_layouts();
  check_algorithms();
  return std::to_string(plans) + " plans";
}

}  // namespace kleio::cuda::tests
