// A head of semantic-aware target attention, packed for the instruction set that will run it.
#pragma once

#include <cstddef>
#include <vector>

#include "core/ranker_model.h"
#include "cpu/simd/float_kernels.h"
#include "cpu/simd/packed_linear.h"

namespace kleio {

struct AttentionHead {
  PackedLinear query, key, value;
  std::size_t padded_width = 0;  // of query and key, a multiple of the lanes
  std::size_t padded_value_width = 0;
  std::vector<float> temperatures;  // one a channel
  float gain_alpha = 1, gain_rho = 0, gain_product = 0;
};

// `attention` may lack temperatures and gains: then alpha alone counts.
AttentionHead packed_head(const SemanticAttentionView& attention, std::size_t index,
                          const FloatKernels& kernels);

}  // namespace kleio
