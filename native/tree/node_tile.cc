#include "tree/node_tile.h"

#include <algorithm>
#include <cassert>

namespace kleio {

NodeTileScorer::NodeTileScorer(const ScorerModel& model, const ScorerLayers& layers,
                               const FloatKernels& kernels, const ScorerBehaviours& behaviours,
                               const NodeBatch& batch)
    : model_(model),
      layers_(layers),
      kernels_(kernels),
      behaviours_(behaviours),
      batch_(batch),
      input_stride_(model.varying_width()),
      inputs_(kNodes * input_stride_) {
  const std::size_t most = 2 * batch.collaborative.k();
  kept_slots_.reserve(most);
  kept_scores_.reserve(most);
  rho_.resize(most);
  keys_.resize(most);
  values_.resize(most);
  weights_.resize(most + kernels.lanes);
}

void NodeTileScorer::score(std::size_t first, std::size_t count) {
  assert(count <= kNodes);
  std::size_t offset = 0;
  for (std::size_t list = 0; list < model_.lists.size(); ++list) {
    attend_list(list, first, count, offset);
    offset += model_.lists[list].output.outputs;
  }
  for (std::size_t n = 0; n < count; ++n) {
    float* input = inputs_.data() + n * input_stride_ + offset;
    if (model_.semantic) count_tiers(first + n, input);
    std::copy_n(batch_.embeddings + (first + n) * batch_.stride, model_.dim,
                input + model_.tier_weights.size());
  }
  run_mlp(first, count);
}

void NodeTileScorer::attend_list(std::size_t list, std::size_t first, std::size_t count,
                                 std::size_t offset) {
  const ScorerList& packed = layers_.lists[list];
  queries_.resize(std::max(queries_.size(), packed.heads.size()));
  for (std::size_t h = 0; h < packed.heads.size(); ++h) {
    const PackedLinear& query = packed.heads[h].query;
    kernels_.linear(query, query.bias.data(), Activation::kNone,
                    batch_.embeddings + first * batch_.stride, batch_.stride, count,
                    queries_[h].require(kNodes * query.padded_outputs), query.padded_outputs);
  }
  float* attended = attended_.require(kNodes * packed.attended_width);
  for (std::size_t n = 0; n < count; ++n) {
    if (model_.union_list) {
      gather_union(first + n);
    } else {
      gather(list, first + n);
    }
    attend_node(list, n, attended + n * packed.attended_width);
  }
  const std::size_t width = packed.output.padded_outputs;
  float* outputs = outputs_.require(kNodes * width);
  kernels_.linear(packed.output, packed.output.bias.data(), Activation::kNone, attended,
                  packed.attended_width, count, outputs, width);
  for (std::size_t n = 0; n < count; ++n) {
    std::copy_n(outputs + n * width, packed.output.outputs,
                inputs_.data() + n * input_stride_ + offset);
  }
}

void NodeTileScorer::gather(std::size_t list, std::size_t node) {
  const KeptView& kept = list == 0 ? batch_.collaborative : batch_.multimodal;
  kept_slots_.clear();
  kept_scores_.clear();
  const KeptView row = kept.rows(node, 1);
  for (std::size_t i = 0; i < row.k() && row.positions()[i] >= 0; ++i) {
    kept_slots_.push_back(behaviours_.slot_of(row.positions()[i]));
    kept_scores_.push_back(row.scores()[i]);
  }
}

// Both lists as one: a position that is in both counts once.
void NodeTileScorer::gather_union(std::size_t node) {
  gather(0, node);
  const auto first = batch_.collaborative.rows(node, 1).positions().first(kept_slots_.size());
  seen_.assign(first.begin(), first.end());
  std::sort(seen_.begin(), seen_.end());
  const KeptView second = batch_.multimodal.rows(node, 1);
  for (std::size_t i = 0; i < second.k() && second.positions()[i] >= 0; ++i) {
    const std::int32_t position = second.positions()[i];
    if (std::binary_search(seen_.begin(), seen_.end(), position)) continue;
    kept_slots_.push_back(behaviours_.slot_of(position));
    kept_scores_.push_back(second.scores()[i]);
  }
}

void NodeTileScorer::attend_node(std::size_t list, std::size_t node_in_tile, float* out) {
  const std::size_t count = kept_slots_.size();
  const bool semantic = model_.semantic && list + 1 == model_.lists.size();
  for (std::size_t h = 0; h < layers_.lists[list].heads.size(); ++h) {
    const ScorerHead& head = layers_.lists[list].heads[h];
    const ScorerHeadView& view = model_.lists[list].heads[h];
    for (std::size_t i = 0; i < count; ++i) {
      keys_[i] = behaviours_.key(list, h, kept_slots_[i]);
      values_[i] = behaviours_.value(list, h, kept_slots_[i]);
      rho_[i] = kept_scores_[i] / view.temperature;
    }
    Attention attention;
    attention.query = queries_[h].data() + node_in_tile * head.query.padded_outputs;
    attention.keys = keys_.data();
    attention.values = values_.data();
    attention.rho = semantic ? rho_.data() : nullptr;
    attention.count = count;
    attention.padded_width = head.padded_width;
    attention.padded_value_width = head.padded_value_width;
    attention.scale = view.scale;
    attention.gain_alpha = view.gain_alpha;
    attention.gain_rho = view.gain_rho;
    attention.gain_product = view.gain_product;
    head_out_.resize(head.padded_value_width);
    kernels_.attend(attention, weights_.data(), head_out_.data());
    out = std::copy_n(head_out_.data(), view.value.outputs, out);
  }
}

void NodeTileScorer::count_tiers(std::size_t node, float* out) {
  const TierScale tiers = TierScale::of(model_.tier_width);
  tier_counts_.assign(model_.tier_weights.size(), 0);
  const KeptView row = batch_.multimodal.rows(node, 1);
  for (std::size_t i = 0; i < row.k() && row.positions()[i] >= 0; ++i) {
    ++tier_counts_[static_cast<std::size_t>(tier_of(row.scores()[i], tiers))];
  }
  for (std::size_t tier = 0; tier < tier_counts_.size(); ++tier) {
    out[tier] = tier_feature(tier_counts_[tier], model_.tier_weights[tier]);
  }
}

void NodeTileScorer::run_mlp(std::size_t first, std::size_t count) {
  const auto activation_before = [](std::size_t layers_left) {
    return layers_left > 0 ? Activation::kSilu : Activation::kNone;
  };
  const PackedLinear& varying = layers_.first_varying;
  kernels_.linear(varying, behaviours_.first_layer_bias(), activation_before(layers_.mlp.size()),
                  inputs_.data(), input_stride_, count,
                  layer_out_.require(kNodes * varying.padded_outputs), varying.padded_outputs);
  std::size_t stride = varying.padded_outputs;
  for (std::size_t l = 0; l < layers_.mlp.size(); ++l) {
    const PackedLinear& layer = layers_.mlp[l];
    std::swap(layer_in_, layer_out_);
    kernels_.linear(layer, layer.bias.data(), activation_before(layers_.mlp.size() - 1 - l),
                    layer_in_.data(), stride, count,
                    layer_out_.require(kNodes * layer.padded_outputs), layer.padded_outputs);
    stride = layer.padded_outputs;
  }
  for (std::size_t n = 0; n < count; ++n) {
    batch_.logits[first + n] = layer_out_.data()[n * stride];
  }
}

}  // namespace kleio
