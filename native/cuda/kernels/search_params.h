// What the search kernels read and write: plain structs of sizes and pointers to device memory.
//
// A search by *blocks* has two launches. The *scan* bounds, for every target and every block of a
// few rows, the scores within the block; the *select* finds a threshold among these bounds, scores
// the rows of the blocks that reach it canonically (core/score.h), keeps the K best and expands
// them to positions.
//
// A search by *lists* has four. The scan bounds the blocks of a sample; the *threshold* takes from
// these bounds what a row must reach; the *append* scans all rows and lists those that do; the
// select looks through the lists instead of blocks.
//
// Estimates. float(code dot) * factors[row] estimates the canonical score times the target's
// `estimate_per_score`, and lies within  weights[row] * margin  of it
// (cuda/request/target_encoding.h has the proof). All thresholds are in these units of the target.
//
// One launch serves any number of histories over one table, each with targets of its own.
// Pointers are aligned to 16 bytes unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/host_device.h"
#include "core/select_width.h"
#include "core/unit.h"
#include "cuda/kernels/code_type.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kMaxDeviceK = 1024;  // a larger K is searched on the CPU
inline constexpr std::uint32_t kNotEligible = 0xffffffffu;
inline constexpr std::uint32_t kNoOutput = 0xffffffffu;
inline constexpr std::uint32_t kTileTargets = 8;      // n of mma.sync.m16n8
inline constexpr std::uint32_t kCodeChunkBytes = 64;  // of a row, a 16-byte load by each of 4 lanes
inline constexpr std::uint32_t kValueAlignment = 16;  // bytes, of rows of stored values

KLEIO_HOST_DEVICE constexpr std::uint32_t round_up_to(std::uint32_t value,
                                                      std::uint32_t multiple) noexcept {
  return (value + multiple - 1) / multiple * multiple;
}
constexpr std::uint32_t code_row_bytes(CodeType type, std::uint32_t dim) noexcept {
  const auto element = with_code(
      type, [&]<CodeType kCode>() { return sizeof(typename CodeElement<kCode>::Stored); });
  return round_up_to(dim * static_cast<std::uint32_t>(element), kCodeChunkBytes);
}
// Elements in a row of TargetParams::values: rows of the table are read 16 bytes at a time.
KLEIO_HOST_DEVICE constexpr std::uint32_t target_row_values(std::uint32_t dim) noexcept {
  return round_up_to(dim, 16);
}

// A resident table, as searches of one unit see it. Padding of rows is zero.
struct TableParams {
  const std::byte* codes = nullptr;   // [rows][code_row_bytes]
  const std::byte* values = nullptr;  // [rows][value_row_bytes], as stored; may be `codes`
  const float* factors = nullptr;     // [rows], NaN: a zero row, which nothing finds
  const float* weights = nullptr;     // [rows], or null where each is 1
  const double* norms_sq = nullptr;   // [rows], canonical
  std::uint32_t code_row_bytes = 0;   // a multiple of kCodeChunkBytes
  std::uint32_t value_row_bytes = 0;  // a multiple of kValueAlignment
  std::uint32_t dim = 0;
  CodeType code_type = CodeType::kInt8;
  Dtype dtype = Dtype::kInt8;
};

// A history as one search sees it, and its share of the work (cuda/request/search_plan.h).
struct HistoryParams {
  // Row of the table by slot. Null: slot = row. Anything where the slot is not eligible.
  const std::int32_t* rows = nullptr;  // [slots]
  // Position of the newest eligible behaviour by slot, plus `newest_origin`, or kNotEligible. Null:
  // slot = position, all eligible.
  const std::uint32_t* newest = nullptr;  // [slots]
  // To the previous behaviour of the same item by position, 0 or beyond the start: none. Null:
  // nothing repeats.
  const std::uint32_t* steps_back = nullptr;  // [length]
  // Positions whose time is below `since` or above `until` are not kept. Null: all are.
  const double* times = nullptr;  // [length]
  double since = 0;
  double until = 0;     // of the times, as `since`
  float min_score = 0;  // what scores less is not kept
  std::uint32_t slots = 0;

  // The rest is the plan's. Targets of a history are neighbours, padded to whole tiles.
  std::uint32_t first_target = 0;  // a multiple of kTileTargets
  std::uint32_t target_count = 0;  // likewise
  std::uint32_t stride = 1;        // blocks are made of every stride-th slot; above 1: of a sample
  std::uint32_t fold = 1;          // lane groups that share a block: 1, 2, 4 or 8
  std::uint32_t block_count = 0;   // of the history
  std::uint32_t row_items = 0;     // items of the scan that share its rows: each target is in all
  // Not the plan's. As the front of a history leaves, positions fall; this grows instead.
  std::uint32_t newest_origin = 0;
  // Of its first target, an index of `upper`; targets follow in turn.
  std::uint64_t first_bound = 0;
};

// A target as the kernels compare with it. Made by cuda/request/target_encoding.h.
struct TargetRecord {
  double norm_sq = 0;            // canonical; 0: the target keeps nothing
  float estimate_per_score = 0;  // |q| / its code scale for cosines, 1 / the scale for dots
  // +infinity: estimates prove nothing about this target, every row is scored canonically.
  float margin = 0;
  float first_threshold = 0;  // no row below it can reach min_score
  std::uint32_t history = 0;  // index of its HistoryParams
  // Row of the results, also of padding that empties one behind the last target's; kNoOutput: none.
  std::uint32_t output = kNoOutput;
  std::uint32_t reserved = 0;
};

struct TargetParams {
  // In the order in which lanes read fragments: [count / 8][row chunks of 64 bytes][32 lanes][16].
  // Lane 4g + t holds bytes 16t .. 16t + 15 of the chunk of target g of the tile.
  const std::byte* codes = nullptr;
  // Targets of float tables widened to float32, [count][target_row_values(dim)], for canonical
  // scores. Null for int8, whose codes are the values.
  const float* values = nullptr;
  const TargetRecord* records = nullptr;  // [count]
  // Of all histories and then padding, a multiple of kTileTargets.
  std::uint32_t count = 0;
};

// What an append leaves of each target: the rows whose estimate reaches the target's threshold, in
// any order. A list that is full loses rows; its count says so.
struct CandidateLists {
  float* thresholds = nullptr;  // [targets]; +infinity: nothing is listed
  // [targets], rows that reached the threshold; above `capacity`: some are lost.
  std::uint32_t* counts = nullptr;
  float* estimates = nullptr;      // [targets][capacity]
  std::uint32_t* slots = nullptr;  // [targets][capacity]
  std::uint32_t capacity = 0;      // 0: a search by blocks
};

struct SearchParams {
  TableParams table;
  TargetParams targets;
  const HistoryParams* histories = nullptr;
  // Bounds by history, target and block: the largest of estimate + weight * margin and, where the
  // table has weights, the largest of estimate - weight * margin. Without weights `upper` holds the
  // largest estimate and `lower` is null.
  float* upper = nullptr;
  float* lower = nullptr;
  CandidateLists lists;
  std::uint32_t row_tiles = 1;  // 16-row fragments of a warp's tile: 1, 2 or 4
};

// The work of one thread block of a scan: row tiles of a history times tiles of its targets.
// Without row tiles it is padding; of one launch it may still select for tiles.
struct ScanItem {
  std::uint32_t history = 0;
  std::uint32_t first_row_tile = 0;
  std::uint32_t row_tile_count = 0;
  std::uint32_t first_target_tile = 0;  // of all targets
  std::uint32_t target_tile_count = 0;
};

struct ScanParams {
  SearchParams search;
  const ScanItem* items = nullptr;
  std::uint32_t item_count = 0;
};

struct ThresholdParams {
  SearchParams search;
  std::uint32_t k = 0;  // 1 .. kMaxDeviceK
};

// Items of an append have rows of the wide tile (cuda/kernels/scan_shapes.cuh), and at most
// kMaxItemTargets targets.
struct AppendParams {
  SearchParams search;
  const ScanItem* items = nullptr;
  std::uint32_t item_count = 0;
  std::uint32_t stage_capacity = 0;  // rows that a thread block holds back, at most kMaxStaged
  std::uint32_t wgmma = 0;           // 1: by wgmma, where has_wgmma_append
};

// What selecting one target cost.
struct SelectCounts {
  std::uint32_t visited_rows = 0;  // in blocks, or of the list, that reached the threshold
  std::uint32_t compactions = 0;   // times the keys outgrew their buffer
  std::uint32_t overflows = 0;     // 1: the list did not hold its rows, so all were visited
};

struct SelectParams {
  SearchParams search;
  Unit unit = Unit::kCosine;
  std::uint32_t k = 0;  // 1 .. kMaxDeviceK
  std::uint32_t distinct = 0;
  SelectWidth width = SelectWidth::kBlock;  // of a select that is a launch of its own
  std::int32_t* positions = nullptr;        // [outputs][k], -1 in empty places
  float* scores = nullptr;                  // [outputs][k], -infinity in empty places
  SelectCounts* counts = nullptr;           // [outputs], or null
};

// The scan and the select of the same search, in one launch.
struct ScanAndSelectParams {
  ScanParams scan;
  SelectParams select;
  std::uint32_t* arrivals = nullptr;  // [tiles of targets], zero after a launch
};

}  // namespace kleio::cuda
