// What the ranking kernels are made of: SimTier at every edge, the float32 functions against
// float64, and how shared memory is divided.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "core/simtier.h"
#include "cuda/kernels/float_math.h"
#include "cuda/kernels/rank_plan.h"
#include "cuda/kernels/tiers.cuh"
#include "cuda/software/execution_software.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

using Block = SoftwareBlock<kRankThreads>;

std::vector<float> tiers_on_device(const std::vector<float>& similarities, float tier_width,
                                   const std::vector<float>& weights, std::uint64_t seed) {
  const auto count = static_cast<std::uint32_t>(similarities.size());
  Block block(0, std::max<std::size_t>(4, similarities.size() * sizeof(float)), seed);
  const auto shared = block.shared<float>(0, count);
  block.each([&](std::uint32_t thread) {
    for (std::uint32_t i = thread; i < count; i += Block::kThreads) shared.set(i, similarities[i]);
  });
  block.barrier();
  std::vector<float> features(weights.size(), NAN);
  count_tiers(block, shared, count, TierScale::of(tier_width), weights.data(),
              static_cast<std::uint32_t>(weights.size()), features.data());
  return features;
}

void check_tiers_of(const std::vector<float>& similarities, float tier_width,
                    const std::vector<float>& weights, std::uint64_t seed) {
  std::vector<float> expected(weights.size());
  sim_tier(similarities, similarities.size(), weights, tier_width, expected);
  const std::vector<float> found = tiers_on_device(similarities, tier_width, weights, seed);
  for (std::size_t tier = 0; tier < weights.size(); ++tier) {
    require(float_bits(found[tier]) == float_bits(expected[tier]),
            "width %g, %zu similarities, tier %zu: %.9g, by definition %.9g",
            static_cast<double>(tier_width), similarities.size(), tier,
            static_cast<double>(found[tier]), static_cast<double>(expected[tier]));
  }
}

// The edge between two tiers and its neighbours among the floats, each alone.
std::uint32_t check_edges(float tier_width, const std::vector<float>& weights) {
  std::uint32_t checked = 0;
  const TierScale scale = TierScale::of(tier_width);
  for (std::int32_t edge = -scale.middle - 1; edge <= scale.middle + 1; ++edge) {
    float similarity = static_cast<float>(edge) / scale.inverse_width;
    for (int ulps = 0; ulps < 8; ++ulps) similarity = std::nextafterf(similarity, -2);
    for (int ulps = 0; ulps < 17; ++ulps, similarity = std::nextafterf(similarity, 2)) {
      if (!(similarity >= -1 && similarity <= 1)) continue;
      check_tiers_of({similarity}, tier_width, weights, checked++);
    }
  }
  return checked;
}

struct LargestErrors {
  double exponential = 0, sigmoid = 0, silu = 0;
};

void measure(float x, LargestErrors& largest) {
  const double power = std::exp(static_cast<double>(x));
  const double exact_sigmoid = 1 / (1 + std::exp(-static_cast<double>(x)));
  const auto relative = [](float found, double exact) { return std::abs(found - exact) / exact; };
  largest.exponential = std::max(largest.exponential, relative(exponential(x), power));
  largest.sigmoid = std::max(largest.sigmoid, relative(sigmoid(x), exact_sigmoid));
  // Below, the product itself is subnormal.
  if (std::abs(static_cast<double>(x)) * exact_sigmoid < 1e-36) return;
  largest.silu =
      std::max(largest.silu, std::abs(relative(silu(x), static_cast<double>(x) * exact_sigmoid)));
}

struct Piece {
  std::uint32_t offset;
  std::uint64_t floats;
};

void check_apart(std::vector<Piece> pieces, const RankPlan& plan) {
  std::ranges::sort(pieces, {}, &Piece::offset);
  std::uint64_t end = 0;
  for (const Piece& piece : pieces) {
    require(piece.offset % 16 == 0, "an array begins at byte %u", piece.offset);
    require(piece.floats == 0 || piece.offset >= end, "arrays overlap at byte %u", piece.offset);
    end = std::max(end, piece.offset + piece.floats * sizeof(float));
  }
  require(end <= plan.shared_bytes, "arrays end at %llu of %u bytes",
          static_cast<unsigned long long>(end), plan.shared_bytes);
}

void check_rank_plan(const RankShape& shape, std::uint32_t limit) {
  const RankPlan plan = plan_rank(shape, limit);
  if (plan.shared_bytes == 0) return;
  require(plan.shared_bytes <= limit, "%u bytes of %u", plan.shared_bytes, limit);
  require(plan.chunk_rows >= kRowTile && plan.chunk_rows <= kMaxChunkRows, "%u rows a chunk",
          plan.chunk_rows);
  require(plan.embedding_stride >= shape.behaviour_width &&
              plan.projection_stride >= shape.projection_width,
          "rows overlap");
  const std::uint64_t rows = plan.chunk_rows;
  check_apart({{plan.target, shape.behaviour_width},
               {plan.queries, shape.query_width},
               {plan.items, shape.places},
               {plan.categories, shape.places},
               {plan.similarities, shape.places},
               {plan.weights, shape.places},
               {plan.embeddings, rows * plan.embedding_stride},
               {plan.projections, rows * plan.projection_stride}},
              plan);
  const std::uint64_t activations = std::uint64_t{shape.widest_layer} * kTowerTile;
  check_apart({{plan.layer_in, activations},
               {plan.layer_out, activations},
               {plan.partials, std::uint64_t{shape.partial_sums} * kTowerTile}},
              plan);
}

// The threads of a tower layer each have an output and a part of the inputs.
void check_input_groups(std::uint32_t stride) {
  const std::uint32_t groups = input_groups(stride);
  require(groups >= 1 && groups <= 8, "stride %u: %u groups", stride, groups);
  require(groups == 1 || groups * (stride / kRowTile) <= kRankThreads,
          "stride %u: %u groups are more than there are threads for", stride, groups);
  require(partial_sums_of(stride) == (groups == 1 ? 0 : groups * stride), "stride %u", stride);
}

}  // namespace

std::string check_tiers(Random& random) {
  std::uint32_t edges = 0, drawn = 0;
  std::uniform_real_distribution<float> similarity(-1, 1), weight(-2, 2);
  for (const float width : {0.01f, 0.05f, 0.1f, 0.2f, 0.25f, 0.3f, 0.5f, 0.7f, 1.0f, 2.0f}) {
    std::vector<float> weights(TierScale::of(width).least_tiers() + draw(random, 0, 3));
    for (float& one : weights) one = weight(random);
    edges += check_edges(width, weights);
    for (const std::uint32_t count : {1u, 31u, 32u, 33u, 50u, 255u, 256u, 257u, 1024u}) {
      std::vector<float> similarities(count);
      for (float& one : similarities) {
        one = one_in(random, 4) ? static_cast<float>(draw(random, 0, 2)) - 1 : similarity(random);
      }
      check_tiers_of(similarities, width, weights, random());
      ++drawn;
    }
  }
  return std::to_string(edges) + " edges, " + std::to_string(drawn) + " histograms";
}

std::string check_float_functions() {
  constexpr std::uint64_t kStep = 509;  // prime: every exponent, mantissas of all kinds
  LargestErrors largest;
  std::uint32_t checked = 0;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += kStep) {
    const float x = float_of_bits(static_cast<std::uint32_t>(bits));
    if (!(x >= -87 && x <= 87)) continue;
    measure(x, largest);
    ++checked;
  }
  require(largest.exponential < 2.5e-7, "exponential is off by %g", largest.exponential);
  require(largest.sigmoid < 3e-7, "sigmoid is off by %g", largest.sigmoid);
  require(largest.silu < 3e-7, "silu is off by %g", largest.silu);
  for (const float far : {88.0f, 1e4f, INFINITY}) {
    require(sigmoid(far) == 1 && sigmoid(-far) < 1e-37f, "sigmoid beyond %g",
            static_cast<double>(far));
  }
  return std::to_string(checked) + " floats";
}

std::string check_rank_plans(Random& random) {
  constexpr std::uint32_t kPlans = 20000;
  for (std::uint32_t n = 0; n < kPlans; ++n) {
    const auto width = [&] {
      return one_in(random, 8) ? draw(random, 0, 3000) : draw(random, 0, 200);
    };
    const RankShape shape = {width(), width(), width(), width(), width(), width()};
    check_rank_plan(shape, draw(random, 1, 7) * (32u << 10));
  }
  for (std::uint32_t stride = 4; stride <= 8192; stride += 4) check_input_groups(stride);
  // What is too wide is refused, not wrapped around.
  constexpr std::uint32_t kHuge = 0xffffffffu;
  for (const RankShape& shape :
       {RankShape{kHuge, 1, 1, 1, 1, 0}, RankShape{1, 1, kHuge, 1, 1, 0},
        RankShape{1, 1, 1, kHuge, 1, 0}, RankShape{1, 1, 1, 1, kHuge, 0}}) {
    require(plan_rank(shape, 227u << 10).shared_bytes == 0, "a shape that cannot fit has a plan");
  }
  return std::to_string(kPlans) + " shapes";
}

}  // namespace kleio::cuda::tests
