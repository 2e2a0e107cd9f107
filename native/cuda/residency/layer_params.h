// Layers of a model as the kernels read them: transposed, side by side, padded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/linear_view.h"
#include "core/ranker_model.h"
#include "cuda/device/upload_block.h"
#include "cuda/kernels/rank_params.h"

namespace kleio::cuda {

// Layers over the same inputs, each from a multiple of 4 outputs on: one product for all of them.
LinearParams add_linear(UploadBlock& block, std::span<const LinearView> layers,
                        std::uint32_t split);

struct HeadLayers {
  LinearParams queries;  // of all heads, after `first_query` if there is one
  const HeadParams* heads = nullptr;
  std::vector<LinearParams> behaviour_layers;  // every head's key and value
};
// What reads a behaviour or a candidate takes its columns of a ProjectionTable from `columns` on,
// which then are as many more.
HeadLayers add_heads(UploadBlock& block, const SemanticAttentionView& attention,
                     const LinearView* first_query, std::uint32_t split, std::uint32_t& columns);
// A layer that does so by itself.
LinearParams add_tabulated(UploadBlock& block, const LinearView& layer, std::uint32_t split,
                           std::uint32_t& columns);

}  // namespace kleio::cuda
