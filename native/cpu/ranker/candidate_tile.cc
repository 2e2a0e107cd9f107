#include "cpu/ranker/candidate_tile.h"

#include <algorithm>
#include <cassert>

#include "core/click_probability.h"

namespace kleio {
namespace {

std::size_t widest_output(const RankerLayers& layers) noexcept {
  std::size_t widest = layers.first_varying.padded_outputs;
  for (const TowerLayer& layer : layers.tower) {
    widest = std::max(widest, layer.linear.padded_outputs);
  }
  return widest;
}

}  // namespace

CandidateTileRanker::CandidateTileRanker(const RankerModel& model, const RankerLayers& layers,
                                         const FloatKernels& float_kernels,
                                         const CpuKernels& kernels, const RequestContext& context,
                                         const BehaviourProjections& projections,
                                         const RankRequest& request, const RankingView& ranking)
    : model_(model),
      layers_(layers),
      float_kernels_(float_kernels),
      context_(context),
      projections_(projections),
      request_(request),
      ranking_(ranking),
      tiers_(TierScale::of(model.tier_width)),
      short_similarity_(*model.similarity_table, kernels, context.short_similarity()),
      input_stride_(layers.input.varying_width),
      inputs_(kCandidates * input_stride_),
      short_queries_(kCandidates * layers.short_query.padded_outputs),
      layer_in_(kCandidates * widest_output(layers)),
      layer_out_(kCandidates * widest_output(layers)),
      kept_rows_(request.k),
      kept_similarities_(request.k),
      rho_(request.k),
      keys_(request.k),
      values_(request.k),
      short_cosines_(context.short_count()),
      weights_(std::max<std::size_t>(request.k, context.short_count()) + float_kernels.lanes) {
  std::size_t widest = layers.padded_behaviour_width;
  for (const AttentionHead& head : layers.heads) {
    queries_.emplace_back(kCandidates * head.query.padded_outputs);
    widest = std::max(widest, head.padded_value_width);
  }
  attended_.resize(widest);
}

void CandidateTileRanker::rank(std::size_t first, std::size_t count) {
  assert(count <= kCandidates && first + count <= request_.items.size());
  for (std::size_t c = 0; c < count; ++c) {
    write_candidate(first + c, input(c) + layers_.input.candidate.offset);
  }
  attend_short(first, count);
  // e of a candidate is the first 2D of its part of the input.
  const float* candidates = input(0) + layers_.input.candidate.offset;
  for (std::size_t h = 0; h < layers_.heads.size(); ++h) {
    const PackedLinear& query = layers_.heads[h].query;
    float_kernels_.linear(query, query.bias.data(), Activation::kSilu, candidates, input_stride_,
                          count, queries_[h].data(), query.padded_outputs);
  }
  for (std::size_t c = 0; c < count; ++c) {
    gather_kept(first + c);
    attend_kept(c, input(c) + layers_.input.lifelong_attention.offset);
    average_kept(input(c) + layers_.input.mean_kept.offset);
    count_tiers(kept_similarities_.data(), kept_rows_.size(), model_.lifelong_tier_weights,
                input(c) + layers_.input.kept_tiers.offset);
  }
  export_tile(first, count);
  run_tower(first, count);
}

void CandidateTileRanker::write_candidate(std::size_t candidate, float* input) const noexcept {
  const auto write = [&input](const FeatureView& feature, std::int64_t id) {
    input = std::copy_n(feature.embedding(feature.row_of(id)), feature.width, input);
  };
  write(model_.item, request_.items[candidate]);
  write(model_.category, request_.categories[candidate]);
  write(model_.city, request_.cities[candidate]);
  write(model_.province, request_.provinces[candidate]);
}

// Attention over the short behaviours, whose keys are their values, and their tiers.
void CandidateTileRanker::attend_short(std::size_t first, std::size_t count) {
  const PackedLinear& query = layers_.short_query;
  float_kernels_.linear(query, query.bias.data(), Activation::kNone,
                        input(0) + layers_.input.candidate.offset, input_stride_, count,
                        short_queries_.data(), query.padded_outputs);
  Attention attention;
  attention.keys = attention.values = context_.short_keys();
  attention.count = context_.short_count();
  attention.padded_width = attention.padded_value_width = layers_.padded_behaviour_width;
  for (std::size_t c = 0; c < count; ++c) {
    attention.query = short_queries_.data() + c * query.padded_outputs;
    float_kernels_.attend(attention, weights_.data(), attended_.data());
    std::copy_n(attended_.data(), layers_.input.short_attention.width,
                input(c) + layers_.input.short_attention.offset);
    const std::int32_t row =
        model_.similarity_table->row_of(request_.items[first + c], request_.similarity_rows);
    short_similarity_.cosines(similarity_row(*model_.similarity_table, row), short_cosines_.data());
    count_tiers(short_cosines_.data(), short_cosines_.size(), model_.short_tier_weights,
                input(c) + layers_.input.short_tiers.offset);
  }
}

// The kept behaviours of a candidate; empty places are padding, or left out.
void CandidateTileRanker::gather_kept(std::size_t candidate) {
  const std::size_t k = request_.k;
  const std::int32_t* positions = ranking_.kept.positions().data() + candidate * k;
  const float* scores = ranking_.kept.scores().data() + candidate * k;
  const bool padded = request_.empty_places == EmptyPlaces::kRelease;
  kept_rows_.clear();
  kept_similarities_.clear();
  for (std::size_t i = 0; i < k; ++i) {
    if (positions[i] < 0 && !padded) continue;
    kept_rows_.push_back(projections_.row_of(positions[i]));
    kept_similarities_.push_back(positions[i] < 0 ? 0.0f : scores[i]);
  }
}

void CandidateTileRanker::attend_kept(std::size_t candidate_in_tile, float* out) {
  const std::size_t count = kept_rows_.size();
  for (std::size_t h = 0; h < layers_.heads.size(); ++h) {
    const AttentionHead& head = layers_.heads[h];
    for (std::size_t i = 0; i < count; ++i) {
      keys_[i] = projections_.key(kept_rows_[i], h);
      values_[i] = projections_.value(kept_rows_[i], h);
      rho_[i] = kept_similarities_[i] / head.temperatures.front();
    }
    Attention attention;
    attention.query = queries_[h].data() + candidate_in_tile * head.query.padded_outputs;
    attention.keys = keys_.data();
    attention.values = values_.data();
    attention.rho = rho_.data();
    attention.count = count;
    attention.padded_width = head.padded_width;
    attention.padded_value_width = head.padded_value_width;
    attention.scale = model_.lifelong.scale;
    attention.gain_alpha = head.gain_alpha;
    attention.gain_rho = head.gain_rho;
    attention.gain_product = head.gain_product;
    float_kernels_.attend(attention, weights_.data(), attended_.data());
    out = std::copy_n(attended_.data(), head.value.outputs, out);
  }
}

void CandidateTileRanker::average_kept(float* out) const noexcept {
  const std::size_t width = model_.behaviour_width();
  std::fill_n(out, width, 0.0f);
  for (const std::size_t row : kept_rows_) {
    const float* embedding = projections_.embedding(row);
    for (std::size_t d = 0; d < width; ++d) out[d] += embedding[d];
  }
  if (kept_rows_.empty()) return;
  const auto count = static_cast<float>(kept_rows_.size());
  for (std::size_t d = 0; d < width; ++d) out[d] /= count;
}

void CandidateTileRanker::count_tiers(const float* similarities, std::size_t count,
                                      std::span<const float> weights, float* out) {
  tier_counts_.assign(weights.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto tier = static_cast<std::size_t>(tier_of(similarities[i], tiers_));
    assert(tier < weights.size());
    ++tier_counts_[tier];
  }
  for (std::size_t tier = 0; tier < weights.size(); ++tier) {
    out[tier] = tier_feature(tier_counts_[tier], weights[tier]);
  }
}

void CandidateTileRanker::run_tower(std::size_t first, std::size_t count) {
  float_kernels_.linear(layers_.first_varying, context_.first_layer_bias(), Activation::kNone,
                        inputs_.data(), input_stride_, count, layer_out_.data(),
                        layers_.first_varying.padded_outputs);
  std::size_t stride = layers_.first_varying.padded_outputs;
  std::size_t width = layers_.first_varying.outputs;
  float_kernels_.dice(layer_out_.data(), stride, count, width, layers_.tower[0].dice_gamma);
  for (std::size_t l = 1; l < layers_.tower.size(); ++l) {
    const TowerLayer& layer = layers_.tower[l];
    std::swap(layer_in_, layer_out_);
    float_kernels_.linear(layer.linear, layer.linear.bias.data(), Activation::kNone,
                          layer_in_.data(), stride, count, layer_out_.data(),
                          layer.linear.padded_outputs);
    stride = layer.linear.padded_outputs;
    width = layer.linear.outputs;
    float_kernels_.dice(layer_out_.data(), stride, count, width, layer.dice_gamma);
  }
  for (std::size_t c = 0; c < count; ++c) {
    const float* logits = layer_out_.data() + c * stride;
    ranking_.probabilities[first + c] = click_probability(logits[0], logits[1]);
  }
}

// What the caller asked to see beside the probabilities.
void CandidateTileRanker::export_tile(std::size_t first, std::size_t count) const noexcept {
  const TowerInput& order = layers_.input;
  if (!ranking_.interests.empty()) {
    const std::size_t tiers = order.kept_tiers.width;
    const std::size_t attended = order.lifelong_attention.width;
    float* out = ranking_.interests.data() + first * (tiers + attended);
    for (std::size_t c = 0; c < count; ++c) {
      const float* in = inputs_.data() + c * input_stride_;
      out = std::copy_n(in + order.kept_tiers.offset, tiers, out);
      out = std::copy_n(in + order.lifelong_attention.offset, attended, out);
    }
  }
  if (ranking_.tower_inputs.empty()) return;
  const std::size_t width = order.varying_width + order.constant_width;
  for (std::size_t c = 0; c < count; ++c) {
    float* out = ranking_.tower_inputs.data() + (first + c) * width;
    for (const TowerInput::Part& part : order.parts()) {
      const float* in = part.offset < order.varying_width
                            ? inputs_.data() + c * input_stride_ + part.offset
                            : context_.constant_input() + (part.offset - order.varying_width);
      std::copy_n(in, part.width, out + part.release_offset);
    }
  }
}

}  // namespace kleio
