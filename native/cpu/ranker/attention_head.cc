#include "cpu/ranker/attention_head.h"

#include <cassert>

namespace kleio {
namespace {

std::size_t round_up_to(std::size_t value, std::size_t multiple) noexcept {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

AttentionHead packed_head(const SemanticAttentionView& attention, std::size_t index,
                          const FloatKernels& kernels) {
  const std::size_t heads = attention.heads.size();
  assert(index < heads);
  const AttentionHeadView& view = attention.heads[index];
  AttentionHead head;
  head.query = PackedLinear(view.query, kernels.tile_outputs);
  head.key = PackedLinear(view.key, kernels.tile_outputs);
  head.value = PackedLinear(view.value, kernels.tile_outputs);
  head.padded_width = round_up_to(view.query.outputs, kernels.lanes);
  head.padded_value_width = round_up_to(view.value.outputs, kernels.lanes);
  if (attention.temperatures == nullptr) return head;
  for (std::size_t channel = 0; channel < attention.channels; ++channel) {
    head.temperatures.push_back(attention.temperatures[channel * heads + index]);
  }
  head.gain_alpha = attention.gains[index];
  head.gain_rho = attention.gains[heads + index];
  head.gain_product = attention.gains[2 * heads + index];
  return head;
}

}  // namespace kleio
