// One candidate of a ranking by one thread block: from its kept behaviours to its row of the
// tower's input.
//
// Formula   docs/model.md; the parts of the tower's input are in the release's order.
// Cost      for a candidate K (2D) (w + v) multiply-adds of projections a head, or as many gathers
//           as there are sums where they are tabulated.
// Results   depend on the candidate and its history alone: see the orders of attention.cuh.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/kernels/attention.cuh"
#include "cuda/kernels/behaviour_gather.cuh"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/rank_params.h"
#include "cuda/kernels/row_cosine.cuh"
#include "cuda/kernels/tiers.cuh"

namespace kleio::cuda {

// Where the parts of the tower's input begin.
struct TowerRow {
  KLEIO_KERNEL_CODE explicit TowerRow(const RankModelParams& model) {
    const std::uint32_t wide = 2 * model.embedding_dim;
    lifelong_attention = wide;
    mean_kept = lifelong_attention + model.lifelong_width;
    mean_short = mean_kept + wide;
    candidate = mean_short + wide;
    kept_tiers = model.tower_width - model.kept_tiers;
    short_tiers = kept_tiers - model.short_tiers;
  }
  std::uint32_t short_attention = 0;
  std::uint32_t lifelong_attention, mean_kept, mean_short, candidate, short_tiers, kept_tiers;
};

// kTabulated: the model has a ProjectionTable.
template <typename Block, bool kTabulated>
class CandidateRanking {
 public:
  KLEIO_KERNEL_CODE CandidateRanking(Block& block, const RankParams& params, std::uint32_t index)
      : block_(block),
        params_(params),
        model_(params.model),
        rows_(params.candidates[index]),
        user_(params.users[rows_.user]),
        index_(index),
        row_(params.tower_inputs + std::size_t{index} * params.model.tower_width),
        parts_(params.model) {}

  // Writes the candidate's row of the tower's input, and its interests.
  KLEIO_KERNEL_CODE void run() {
    write_features();
    project_queries();
    attend_short();
    attend_kept();
    write_interests();
  }

 private:
  using Floats = typename Block::template Shared<float>;
  using Rows = typename Block::template Shared<std::int32_t>;

  KLEIO_KERNEL_CODE Floats floats(std::uint32_t offset, std::uint32_t count) {
    return block_.template shared<float>(offset, count);
  }
  KLEIO_KERNEL_CODE Rows row_numbers(std::uint32_t offset, std::uint32_t count) {
    return block_.template shared<std::int32_t>(offset, count);
  }

  // A warp copies an embedding: all of them are on their way at once.
  KLEIO_KERNEL_CODE void write_features() {
    constexpr std::uint32_t kWarps = Block::kThreads / kWarpLanes;
    constexpr std::uint32_t kOfCandidate = 4;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t f = thread / kWarpLanes; f < kOfCandidate + model_.user_features;
           f += kWarps) {
        const bool own = f < kOfCandidate;
        const FeatureParams& feature = own ? candidate_feature(f) : model_.user[f - kOfCandidate];
        const std::int32_t row = own ? candidate_row(f) : user_.features[f - kOfCandidate];
        const float* from = feature.embeddings + static_cast<std::size_t>(row) * feature.width;
        for (std::uint32_t d = thread % kWarpLanes; d < feature.width; d += kWarpLanes) {
          row_[feature.column + d] = from[d];
        }
      }
    });
    block_.barrier();
  }

  KLEIO_KERNEL_CODE const FeatureParams& candidate_feature(std::uint32_t f) const {
    return f == 0 ? model_.item : f == 1 ? model_.category : f == 2 ? model_.city : model_.province;
  }
  KLEIO_KERNEL_CODE std::int32_t candidate_row(std::uint32_t f) const {
    return f == 0 ? rows_.item : f == 1 ? rows_.category : f == 2 ? rows_.city : rows_.province;
  }

  KLEIO_KERNEL_CODE void project_queries() {
    const std::uint32_t width = model_.queries.stride;
    const SharedRows<Block> queries{floats(params_.plan.queries, width), width};
    const std::uint32_t silu_from = model_.short_key.stride;
    if constexpr (kTabulated) {
      gather_queries(queries, silu_from);
    } else {
      const std::uint32_t wide = 2 * model_.embedding_dim;
      const SharedRows<Block> target{floats(params_.plan.target, wide), wide};
      stage_target(target);
      project<1>(block_, model_.queries, silu_from, target, 1, queries);
    }
  }

  KLEIO_KERNEL_CODE void gather_queries(const SharedRows<Block>& queries, std::uint32_t silu_from) {
    const ProjectionTable& table = model_.projections;
    const float* item = table.items + static_cast<std::size_t>(rows_.item) * table.stride;
    const float* category =
        table.categories + static_cast<std::size_t>(rows_.category) * table.stride;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t o = thread; o < queries.stride; o += Block::kThreads) {
        const std::uint32_t column = model_.queries.tabulated_at + o;
        const float sum = item[column] + category[column];
        queries.set(0, o, o < silu_from ? sum : silu(sum));
      }
    });
    block_.barrier();
  }

  // e of a candidate is the first 2D of its features.
  KLEIO_KERNEL_CODE void stage_target(const SharedRows<Block>& target) {
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t d = thread; d < target.stride; d += Block::kThreads) {
        target.set(0, d, row_[parts_.candidate + d]);
      }
    });
    block_.barrier();
  }

  KLEIO_KERNEL_CODE void attend_short() {
    const std::uint32_t count = user_.recent_count;
    const Rows items = row_numbers(params_.plan.items, count);
    const Rows categories = row_numbers(params_.plan.categories, count);
    const Floats similarities = floats(params_.plan.similarities, count);
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
        const BehaviourRows behaviour = user_.recent[i];
        items.set(i, behaviour.item);
        categories.set(i, behaviour.category);
        similarities.set(i, similarity_of_rows<Block>(model_.similarity, rows_.similarity,
                                                      behaviour.similarity));
      }
    });
    block_.barrier();
    count_tiers(block_, similarities, count, model_.tier_scale, model_.short_tier_weights,
                model_.short_tiers, row_ + parts_.short_tiers);
    auto attention = attention_over(count, items, categories);
    attention.average(row_ + parts_.mean_short);
    const auto alpha_alone = [](std::uint32_t, float alpha) { return alpha; };
    attention.attend(floats(params_.plan.queries, model_.short_key.outputs), model_.short_key,
                     model_.short_key, kNoSilu, alpha_alone, row_ + parts_.short_attention);
  }

  KLEIO_KERNEL_CODE void attend_kept() {
    const std::uint32_t count = params_.mask_empty != 0 ? filled_places() : params_.k;
    const Rows items = row_numbers(params_.plan.items, count);
    const Rows categories = row_numbers(params_.plan.categories, count);
    const Floats similarities = floats(params_.plan.similarities, count);
    gather_kept(count, items, categories, similarities);
    count_tiers(block_, similarities, count, model_.tier_scale, model_.kept_tier_weights,
                model_.kept_tiers, row_ + parts_.kept_tiers);
    auto attention = attention_over(count, items, categories);
    attention.average(row_ + parts_.mean_kept);
    float* out = row_ + parts_.lifelong_attention;
    for (std::uint32_t h = 0; h < model_.head_count; ++h) {
      const HeadParams& head = model_.heads[h];
      attention.attend(head_query(head), head.key, head.value, 0, logit_of(head, similarities),
                       out);
      out += head.value.outputs;
    }
  }

  // alpha and rho, gated as in SA-TA.
  KLEIO_KERNEL_CODE auto logit_of(const HeadParams& head, const Floats& similarities) {
    const float temperature = head.temperatures[0];
    return [&head, similarities, temperature, scale = model_.attention_scale](std::uint32_t place,
                                                                              float dot) {
      const float alpha = scale * dot;
      const float rho = similarities.get(place) / temperature;
      return gated_logit(alpha, rho, head.gain_alpha, head.gain_rho, head.gain_product);
    };
  }

  KLEIO_KERNEL_CODE Floats head_query(const HeadParams& head) {
    const auto offset = static_cast<std::uint32_t>(head.query_offset * sizeof(float));
    return floats(params_.plan.queries + offset, head.key.outputs);
  }

  KLEIO_KERNEL_CODE const std::int32_t* positions() const {
    return params_.positions + std::size_t{index_} * params_.k;
  }

  // Empty places are the last.
  KLEIO_KERNEL_CODE std::uint32_t filled_places() const {
    std::uint32_t low = 0;
    for (std::uint32_t high = params_.k; low < high;) {
      const std::uint32_t middle = (low + high) / 2;
      if (positions()[middle] >= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  KLEIO_KERNEL_CODE void gather_kept(std::uint32_t count, const Rows& items, const Rows& categories,
                                     const Floats& similarities) {
    score_kept();
    const float* scores = params_.scores + std::size_t{index_} * params_.k;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
        const std::int32_t position = positions()[i];
        items.set(i, position < 0 ? 0 : user_.item_rows[position]);
        categories.set(i, position < 0 ? 0 : user_.category_rows[position]);
        similarities.set(i, position < 0 ? 0.0f : scores[i]);
      }
    });
    block_.barrier();
  }

  // What another unit chose is scored here: by the threads that read the scores next.
  KLEIO_KERNEL_CODE void score_kept() {
    if (params_.kept_similarity_rows == nullptr) return;
    const std::size_t first = std::size_t{index_} * params_.k;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < params_.k; i += Block::kThreads) {
        params_.scores[first + i] =
            positions()[i] < 0 ? kLowest
                               : similarity_of_rows<Block>(model_.similarity, rows_.similarity,
                                                           params_.kept_similarity_rows[first + i]);
      }
    });
  }

  KLEIO_KERNEL_CODE auto attention_over(std::uint32_t count, const Rows& items,
                                        const Rows& categories) {
    const BehaviourGather<Block, kTabulated> source{model_, items, categories};
    return BehaviourAttention<Block, BehaviourGather<Block, kTabulated>>(
        block_, params_.plan, 2 * model_.embedding_dim, count, source);
  }

  KLEIO_KERNEL_CODE void write_interests() {
    if (params_.interests == nullptr) return;
    const std::uint32_t width = model_.kept_tiers + model_.lifelong_width;
    float* out = params_.interests + std::size_t{index_} * width;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < width; i += Block::kThreads) {
        out[i] = i < model_.kept_tiers ? row_[parts_.kept_tiers + i]
                                       : row_[parts_.lifelong_attention + i - model_.kept_tiers];
      }
    });
  }

  Block& block_;
  const RankParams& params_;
  const RankModelParams& model_;
  const CandidateRows rows_;
  const UserParams& user_;
  std::uint32_t index_;
  float* row_;  // of the tower's input
  TowerRow parts_;
};

}  // namespace kleio::cuda
