#include "cpu/ranker/request_context.h"

#include <algorithm>

#include "core/eligible.h"
#include "cpu/ranker/behaviour_projections.h"
#include "cpu/ranker/row_cosines.h"

namespace kleio {

RequestContext::RequestContext(const RankerModel& model, const RankerLayers& layers,
                               const FloatKernels& kernels, const HistorySnapshot& history,
                               const RankRequest& request)
    : stride_(layers.padded_behaviour_width) {
  gather_short(model, history, request);
  const std::size_t count = short_similarity_.size();

  const PackedLinear& key = layers.short_key;
  key_values_ = AlignedBuffer<float>(count * key.padded_outputs);
  kernels.linear(key, key.bias.data(), Activation::kNone, short_embeddings_.data(), stride_, count,
                 key_values_.data(), key.padded_outputs);
  for (std::size_t i = 0; i < count; ++i) {
    short_keys_.push_back(key_values_.data() + i * key.padded_outputs);
  }

  const TowerInput& input = layers.input;
  constant_input_.assign(input.constant_width, 0.0f);
  float* mean = constant_input_.data() + (input.mean_short.offset - input.varying_width);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t d = 0; d < model.behaviour_width(); ++d) {
      mean[d] += short_embeddings_[i * stride_ + d] / static_cast<float>(count);
    }
  }
  float* user = constant_input_.data() + (input.user.offset - input.varying_width);
  for (std::size_t i = 0; i < model.user.size(); ++i) {
    const FeatureView& feature = model.user[i];
    std::copy_n(feature.embedding(feature.row_of(request.user[i])), feature.width, user);
    user += feature.width;
  }

  const PackedLinear& constant = layers.first_constant;
  first_layer_bias_ = AlignedBuffer<float>(constant.padded_outputs);
  kernels.linear(constant, constant.bias.data(), Activation::kNone, constant_input_.data(),
                 constant_input_.size(), 1, first_layer_bias_.data(), constant.padded_outputs);
}

// The newest behaviours; where there are fewer, the release pads in front.
void RequestContext::gather_short(const RankerModel& model, const HistorySnapshot& history,
                                  const RankRequest& request) {
  const std::vector<std::int64_t> present =
      newest_eligible(history, request.eligible, model.short_steps);
  const std::size_t padding =
      request.empty_places == EmptyPlaces::kRelease ? model.short_steps - present.size() : 0;
  const std::size_t count = padding + present.size();
  short_embeddings_.assign(count * stride_, 0.0f);
  short_similarity_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    float* embedding = short_embeddings_.data() + i * stride_;
    if (i < padding) {
      write_embedding(model, {}, embedding);
      continue;
    }
    const std::int64_t sequence = present[i - padding];
    write_embedding(model, features_at(history, sequence), embedding);
    if (const std::int32_t row = history.row_of(sequence); row >= 0) {
      short_similarity_[i] = similarity_row(*model.similarity_table, row);
    }
  }
}

}  // namespace kleio
