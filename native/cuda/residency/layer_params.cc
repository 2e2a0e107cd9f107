#include "cuda/residency/layer_params.h"

#include <algorithm>
#include <vector>

namespace kleio::cuda {
namespace {

std::size_t round_up_to_4(std::size_t value) noexcept {
  return (value + 3) / 4 * 4;
}

std::size_t stride_of(std::span<const LinearView> layers) noexcept {
  std::size_t stride = 0;
  for (const LinearView& layer : layers) stride += round_up_to_4(layer.outputs);
  return stride;
}

}  // namespace

LinearParams add_linear(UploadBlock& block, std::span<const LinearView> layers,
                        std::uint32_t split) {
  const std::size_t inputs = layers.front().inputs;
  const std::size_t stride = stride_of(layers);
  std::vector<float> weight(inputs * stride), bias(stride);
  std::size_t first = 0;
  for (const LinearView& layer : layers) {
    for (std::size_t output = 0; output < layer.outputs; ++output) {
      bias[first + output] = layer.bias[output];
      for (std::size_t input = 0; input < inputs; ++input) {
        weight[input * stride + first + output] = layer.weight[output * inputs + input];
      }
    }
    first += round_up_to_4(layer.outputs);
  }
  LinearParams params;
  params.weight = block.add<float>(weight);
  params.bias = block.add<float>(bias);
  params.inputs = static_cast<std::uint32_t>(inputs);
  params.split = std::min(split, params.inputs);
  params.outputs = static_cast<std::uint32_t>(layers.size() == 1 ? layers.front().outputs : stride);
  params.stride = static_cast<std::uint32_t>(stride);
  return params;
}

LinearParams add_tabulated(UploadBlock& block, const LinearView& layer, std::uint32_t split,
                           std::uint32_t& columns) {
  LinearParams params = add_linear(block, {&layer, 1}, split);
  params.tabulated_at = columns;
  columns += params.stride;
  return params;
}

HeadLayers add_heads(UploadBlock& block, const SemanticAttentionView& attention,
                     const LinearView* first_query, std::uint32_t split, std::uint32_t& columns) {
  const std::size_t count = attention.heads.size();
  std::vector<LinearView> queries;
  if (first_query != nullptr) queries.push_back(*first_query);
  std::vector<HeadParams> heads(count);
  HeadLayers added;
  for (std::size_t h = 0; h < count; ++h) {
    const AttentionHeadView& view = attention.heads[h];
    HeadParams& head = heads[h];
    head.query_offset = static_cast<std::uint32_t>(stride_of(queries));
    queries.push_back(view.query);
    head.key = add_tabulated(block, view.key, split, columns);
    head.value = add_tabulated(block, view.value, split, columns);
    added.behaviour_layers.insert(added.behaviour_layers.end(), {head.key, head.value});
    if (attention.temperatures == nullptr) continue;
    std::vector<float> temperatures;
    for (std::size_t channel = 0; channel < attention.channels; ++channel) {
      temperatures.push_back(attention.temperatures[channel * count + h]);
    }
    head.temperatures = block.add<float>(temperatures);
    head.gain_alpha = attention.gains[h];
    head.gain_rho = attention.gains[count + h];
    head.gain_product = attention.gains[2 * count + h];
  }
  added.heads = block.add<HeadParams>(heads);
  added.queries = add_linear(block, queries, split);
  added.queries.tabulated_at = columns;
  columns += added.queries.stride;
  return added;
}

}  // namespace kleio::cuda
