// A node scorer's layers, packed once for the instruction set that will run them.
#pragma once

#include <cstddef>
#include <vector>

#include "cpu/simd/float_kernels.h"
#include "cpu/simd/packed_linear.h"
#include "tree/scorer_model.h"

namespace kleio {

struct ScorerHead {
  PackedLinear query, key, value;
  std::size_t padded_width = 0;  // of query and key, a multiple of the lanes
  std::size_t padded_value_width = 0;
};

struct ScorerList {
  std::vector<ScorerHead> heads;
  PackedLinear output;
  std::size_t attended_width = 0;  // heads * value width
};

struct ScorerLayers {
  ScorerLayers(const ScorerModel& model, const FloatKernels& kernels);

  PackedLinear co_query, co_key;
  std::vector<ScorerList> lists;
  PackedLinear first_constant;    // the MLP's first layer over user and recent behaviours, and bias
  PackedLinear first_varying;     // and over what differs by node
  std::vector<PackedLinear> mlp;  // the layers behind it
  std::size_t padded_dim = 0;     // of embeddings, rounded up to the lanes
};

}  // namespace kleio
