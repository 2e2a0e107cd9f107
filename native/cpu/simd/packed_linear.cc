#include "cpu/simd/packed_linear.h"

#include <algorithm>

namespace kleio {

PackedLinear::PackedLinear(const LinearView& layer, std::size_t full_tile)
    : PackedLinear(layer, Tile{layer.outputs <= full_tile / 2 ? full_tile / 2 : full_tile}) {}

PackedLinear::PackedLinear(const LinearView& layer, Tile tile)
    : inputs(layer.inputs),
      outputs(layer.outputs),
      padded_outputs((layer.outputs + tile.outputs - 1) / tile.outputs * tile.outputs),
      weight(padded_outputs * layer.inputs),
      bias(padded_outputs) {
  std::fill_n(weight.data(), weight.size(), 0.0f);
  std::fill_n(bias.data(), bias.size(), 0.0f);
  for (std::size_t output = 0; output < outputs; ++output) {
    const std::size_t first = output / tile.outputs * tile.outputs;
    float* column = weight.data() + first * inputs + output % tile.outputs;
    for (std::size_t input = 0; input < inputs; ++input) {
      column[input * tile.outputs] = layer.weight[output * inputs + input];
    }
    bias[output] = layer.bias[output];
  }
}

}  // namespace kleio
