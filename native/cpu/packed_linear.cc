#include "cpu/packed_linear.h"

#include <algorithm>

namespace kleio {

PackedLinear::PackedLinear(const LinearView& layer, std::size_t tile_outputs)
    : inputs(layer.inputs),
      outputs(layer.outputs),
      padded_outputs((layer.outputs + tile_outputs - 1) / tile_outputs * tile_outputs),
      weight(padded_outputs * layer.inputs),
      bias(padded_outputs) {
  std::fill_n(weight.data(), weight.size(), 0.0f);
  std::fill_n(bias.data(), bias.size(), 0.0f);
  for (std::size_t output = 0; output < outputs; ++output) {
    const std::size_t tile = output / tile_outputs;
    float* column = weight.data() + tile * inputs * tile_outputs + output % tile_outputs;
    for (std::size_t input = 0; input < inputs; ++input) {
      column[input * tile_outputs] = layer.weight[output * inputs + input];
    }
    bias[output] = layer.bias[output];
  }
}

}  // namespace kleio
