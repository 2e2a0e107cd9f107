// How a thread block of the ranking kernels divides its shared memory: a pure function of the
// model's shape and the request's, so that what fits is known before anything is launched.
//
// A block serves one candidate at a time: it projects the candidate's behaviours in chunks of
// rows, which bounds the memory whatever K is. Chunks never show in a result, because every sum
// goes over behaviours in their order. The block that is the last of its tile of candidates then
// takes the whole tile through the tower; both uses share the same memory.
#pragma once

#include <cstdint>

#include "core/host_device.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kRankThreads = 256;
inline constexpr std::uint32_t kTowerTile = 8;  // candidates that go through the tower together
inline constexpr std::uint32_t kRowTile = 4;    // rows and outputs of a product a thread computes
inline constexpr std::uint32_t kMaxChunkRows = 64;

// Widths that decide about memory; of a model, or of attention alone.
struct RankShape {
  std::uint32_t behaviour_width = 0;   // 2D
  std::uint32_t query_width = 0;       // stride of all queries of a target
  std::uint32_t projection_width = 0;  // widest stride of keys and of values
  std::uint32_t places = 0;            // behaviours at a time: K, or the short ones if more
  std::uint32_t widest_layer = 0;      // of the tower: inputs or outputs; 0: no tower
  std::uint32_t partial_sums = 0;      // of the tower: see partial_sums_of
};

// Offsets in bytes from the start of a block's shared memory.
struct RankPlan {
  std::uint32_t chunk_rows = 0;
  std::uint32_t embedding_stride = 0;  // floats, as the next one
  std::uint32_t projection_stride = 0;
  // While a candidate attends.
  std::uint32_t target = 0;        // float [behaviour_width]
  std::uint32_t queries = 0;       // float [query_width]
  std::uint32_t items = 0;         // int32 [places]
  std::uint32_t categories = 0;    // int32 [places]
  std::uint32_t similarities = 0;  // float [places]
  std::uint32_t weights = 0;       // float [places]
  std::uint32_t embeddings = 0;    // float [chunk_rows][embedding_stride]
  std::uint32_t projections = 0;   // float [chunk_rows][projection_stride]
  // While a tile goes through the tower.
  std::uint32_t layer_in = 0;  // float [widest_layer][kTowerTile], as the next one
  std::uint32_t layer_out = 0;
  std::uint32_t partials = 0;  // float [partial_sums][kTowerTile]
  std::uint32_t shared_bytes = 0;
};

// Threads that share one output of a tower layer, each with a part of its inputs: as many as there
// are threads to spare, but at most 8. Depends on the layer alone, because it orders the sums.
KLEIO_HOST_DEVICE constexpr std::uint32_t input_groups(std::uint32_t stride) noexcept {
  const std::uint32_t spare = kRankThreads / (stride / kRowTile);
  return spare < 1 ? 1 : spare > 8 ? 8 : spare;
}

// Outputs of a layer times groups, where there is more than one group.
KLEIO_HOST_DEVICE constexpr std::uint32_t partial_sums_of(std::uint32_t stride) noexcept {
  const std::uint32_t groups = input_groups(stride);
  return groups == 1 ? 0 : groups * stride;
}

// The plan with the longest chunks that fit into `shared_limit` bytes; shared_bytes is 0 where none
// does.
RankPlan plan_rank(const RankShape& shape, std::uint32_t shared_limit) noexcept;

}  // namespace kleio::cuda
