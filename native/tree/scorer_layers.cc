#include "tree/scorer_layers.h"

#include <algorithm>

namespace kleio {
namespace {

std::size_t round_up_to(std::size_t value, std::size_t multiple) noexcept {
  return (value + multiple - 1) / multiple * multiple;
}

// Columns [first, first + width) of a layer.
PackedLinear columns_of(const LinearView& layer, std::size_t first, std::size_t width,
                        const float* bias, std::size_t tile_outputs) {
  std::vector<float> weight(layer.outputs * width);
  for (std::size_t output = 0; output < layer.outputs; ++output) {
    std::copy_n(layer.weight + output * layer.inputs + first, width,
                weight.data() + output * width);
  }
  return PackedLinear({weight.data(), bias, layer.outputs, width}, tile_outputs);
}

ScorerList packed_list(const ScorerListView& view, const FloatKernels& kernels) {
  ScorerList list;
  for (const ScorerHeadView& head : view.heads) {
    ScorerHead packed;
    packed.query = PackedLinear(head.query, kernels.tile_outputs);
    packed.key = PackedLinear(head.key, kernels.tile_outputs);
    packed.value = PackedLinear(head.value, kernels.tile_outputs);
    packed.padded_width = round_up_to(head.query.outputs, kernels.lanes);
    packed.padded_value_width = round_up_to(head.value.outputs, kernels.lanes);
    list.attended_width += head.value.outputs;
    list.heads.push_back(std::move(packed));
  }
  list.output = PackedLinear(view.output, kernels.tile_outputs);
  return list;
}

}  // namespace

ScorerLayers::ScorerLayers(const ScorerModel& model, const FloatKernels& kernels)
    : padded_dim(round_up_to(model.dim, kernels.lanes)) {
  if (model.co_gsu == CoGsu::kProjected) {
    co_query = PackedLinear(model.co_query, kernels.tile_outputs);
    co_key = PackedLinear(model.co_key, kernels.tile_outputs);
  }
  for (const ScorerListView& list : model.lists) lists.push_back(packed_list(list, kernels));
  const LinearView& first = model.mlp.front();
  const std::size_t constant = model.constant_width();
  first_constant = columns_of(first, 0, constant, first.bias, kernels.tile_outputs);
  const std::vector<float> no_bias(first.outputs);
  first_varying =
      columns_of(first, constant, model.varying_width(), no_bias.data(), kernels.tile_outputs);
  for (std::size_t l = 1; l < model.mlp.size(); ++l) {
    mlp.emplace_back(model.mlp[l], kernels.tile_outputs);
  }
}

}  // namespace kleio
