#include "cuda/kernels/rank_plan.h"

#include <algorithm>
#include <limits>

namespace kleio::cuda {
namespace {

std::uint64_t round_up_to_4(std::uint64_t value) noexcept {
  return (value + 3) / 4 * 4;
}

// Hands out shared memory in pieces of whole 16 bytes.
class Division {
 public:
  std::uint32_t floats(std::uint64_t count) noexcept {
    const std::uint64_t offset = bytes_;
    bytes_ += round_up_to_4(count) * sizeof(float);
    return static_cast<std::uint32_t>(offset);
  }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  std::uint64_t bytes_ = 0;
};

std::uint64_t divide_for_attention(const RankShape& shape, RankPlan& plan) noexcept {
  Division division;
  plan.target = division.floats(shape.behaviour_width);
  plan.queries = division.floats(shape.query_width);
  plan.items = division.floats(shape.places);
  plan.categories = division.floats(shape.places);
  plan.similarities = division.floats(shape.places);
  plan.weights = division.floats(shape.places);
  plan.embeddings = division.floats(std::uint64_t{plan.chunk_rows} * plan.embedding_stride);
  plan.projections = division.floats(std::uint64_t{plan.chunk_rows} * plan.projection_stride);
  return division.bytes();
}

std::uint64_t divide_for_tower(const RankShape& shape, RankPlan& plan) noexcept {
  Division division;
  plan.layer_in = division.floats(std::uint64_t{shape.widest_layer} * kTowerTile);
  plan.layer_out = division.floats(std::uint64_t{shape.widest_layer} * kTowerTile);
  plan.partials = division.floats(std::uint64_t{shape.partial_sums} * kTowerTile);
  return division.bytes();
}

}  // namespace

RankPlan plan_rank(const RankShape& shape, std::uint32_t shared_limit) noexcept {
  // Sums of offsets below must not wrap; nothing this wide fits anyway.
  constexpr std::uint32_t kWidest = 1u << 20;
  if (std::max({shape.behaviour_width, shape.query_width, shape.projection_width, shape.places,
                shape.widest_layer, shape.partial_sums}) > kWidest) {
    return {};
  }
  RankPlan plan;
  plan.embedding_stride = static_cast<std::uint32_t>(round_up_to_4(shape.behaviour_width));
  plan.projection_stride = static_cast<std::uint32_t>(round_up_to_4(shape.projection_width));
  const std::uint64_t tower_bytes = divide_for_tower(shape, plan);
  const auto needed = static_cast<std::uint32_t>(round_up_to_4(shape.places));
  for (std::uint32_t rows = std::min(needed, kMaxChunkRows); rows >= kRowTile; rows -= kRowTile) {
    plan.chunk_rows = rows;
    const std::uint64_t bytes = std::max(divide_for_attention(shape, plan), tower_bytes);
    if (bytes > shared_limit) continue;
    plan.shared_bytes = static_cast<std::uint32_t>(bytes);
    return plan;
  }
  return {};
}

}  // namespace kleio::cuda
