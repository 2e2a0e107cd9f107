// What all candidates of a request share: the short behaviours, the user, their part of the tower.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/history_snapshot.h"
#include "core/ranker_model.h"
#include "core/ranking.h"
#include "cpu/ranker/ranker_layers.h"
#include "cpu/ranker/row_cosines.h"
#include "cpu/simd/aligned_buffer.h"
#include "cpu/simd/float_kernels.h"

namespace kleio {

class RequestContext {
 public:
  RequestContext(const RankerModel& model, const RankerLayers& layers, const FloatKernels& kernels,
                 const HistorySnapshot& history, const RankRequest& request);

  std::size_t short_count() const noexcept { return short_keys_.size(); }
  // [short_count] rows of padded 2D: the keys, which are the values too.
  const float* const* short_keys() const noexcept { return short_keys_.data(); }
  // One per short behaviour, oldest first.
  std::span<const SimilarityRow> short_similarity() const noexcept { return short_similarity_; }
  // Bias of the first tower layer with the constant inputs' product added, [padded outputs].
  const float* first_layer_bias() const noexcept { return first_layer_bias_.data(); }
  // The constant inputs, in the order of TowerInput from its varying_width on.
  const float* constant_input() const noexcept { return constant_input_.data(); }

 private:
  void gather_short(const RankerModel& model, const HistorySnapshot& history,
                    const RankRequest& request);

  std::size_t stride_ = 0;
  std::vector<float> short_embeddings_;  // [short][stride_]
  AlignedBuffer<float> key_values_;
  std::vector<const float*> short_keys_;
  std::vector<SimilarityRow> short_similarity_;
  std::vector<float> constant_input_;
  AlignedBuffer<float> first_layer_bias_;
};

}  // namespace kleio
