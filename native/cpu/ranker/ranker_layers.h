// A ranker's layers, packed once for the instruction set that will run them.
#pragma once

#include <cstddef>
#include <vector>

#include "core/ranker_model.h"
#include "cpu/ranker/attention_head.h"
#include "cpu/simd/float_kernels.h"
#include "cpu/simd/packed_linear.h"

namespace kleio {

struct TowerLayer {
  PackedLinear linear;
  const float* dice_gamma = nullptr;
};

// Where the parts of the tower's input lie. What is the same for all candidates of a request (the
// mean of the short behaviours and the user) comes last here, so that one product a request covers
// it.
struct TowerInput {
  // Offsets in the release's order and in ours, of one contiguous part.
  struct Part {
    std::size_t release_offset, offset, width;
  };
  explicit TowerInput(const RankerModel& model);

  Part short_attention, lifelong_attention, mean_kept, candidate, short_tiers, kept_tiers;
  Part mean_short, user;
  std::size_t varying_width = 0;   // the parts that differ by candidate
  std::size_t constant_width = 0;  // the two that do not

  std::vector<Part> parts() const {
    return {short_attention, lifelong_attention, mean_kept,  candidate,
            short_tiers,     kept_tiers,         mean_short, user};
  }
};

struct RankerLayers {
  RankerLayers(const RankerModel& model, const FloatKernels& kernels);

  TowerInput input;
  PackedLinear short_query, short_key;
  std::size_t padded_behaviour_width = 0;  // 2D rounded up to the lanes
  std::vector<AttentionHead> heads;
  PackedLinear first_varying;     // the first tower layer over the varying inputs
  PackedLinear first_constant;    // and, with its bias, over the constant ones
  std::vector<TowerLayer> tower;  // [0].linear is empty: the two above
};

}  // namespace kleio
