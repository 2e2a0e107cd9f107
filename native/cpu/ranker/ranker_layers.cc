#include "cpu/ranker/ranker_layers.h"

#include <algorithm>

namespace kleio {
namespace {

std::size_t round_up_to(std::size_t value, std::size_t multiple) noexcept {
  return (value + multiple - 1) / multiple * multiple;
}

// The columns of `layer` that `parts` read, in the parts' own order from `base` on.
PackedLinear columns_of(const LinearView& layer, const std::vector<TowerInput::Part>& parts,
                        std::size_t base, std::size_t width, const float* bias,
                        std::size_t tile_outputs) {
  std::vector<float> weight(layer.outputs * width);
  for (std::size_t output = 0; output < layer.outputs; ++output) {
    for (const TowerInput::Part& part : parts) {
      if (part.offset < base || part.offset >= base + width) continue;
      std::copy_n(layer.weight + output * layer.inputs + part.release_offset, part.width,
                  weight.data() + output * width + part.offset - base);
    }
  }
  return PackedLinear({weight.data(), bias, layer.outputs, width}, tile_outputs);
}

}  // namespace

TowerInput::TowerInput(const RankerModel& model) {
  const std::size_t wide = model.behaviour_width();
  const std::size_t short_tier_count = model.short_tier_weights.size();
  const std::size_t kept_tier_count = model.lifelong_tier_weights.size();
  std::size_t released = 0;
  const auto next = [&released](std::size_t width) {
    const Part part{released, 0, width};
    released += width;
    return part;
  };
  short_attention = next(wide);
  lifelong_attention = next(model.lifelong_width());
  mean_kept = next(wide);
  mean_short = next(wide);
  candidate = next(4 * model.embedding_dim);
  user = next(model.user_width());
  short_tiers = next(short_tier_count);
  kept_tiers = next(kept_tier_count);

  std::size_t offset = 0;
  const auto place = [&offset](Part& part) {
    part.offset = offset;
    offset += part.width;
  };
  for (Part* part :
       {&short_attention, &lifelong_attention, &mean_kept, &candidate, &short_tiers, &kept_tiers}) {
    place(*part);
  }
  varying_width = offset;
  place(mean_short);
  place(user);
  constant_width = offset - varying_width;
}

RankerLayers::RankerLayers(const RankerModel& model, const FloatKernels& kernels)
    : input(model),
      short_query(model.short_query, kernels.tile_outputs),
      short_key(model.short_key, kernels.tile_outputs),
      padded_behaviour_width(round_up_to(model.behaviour_width(), kernels.lanes)) {
  for (std::size_t head = 0; head < model.lifelong.heads.size(); ++head) {
    heads.push_back(packed_head(model.lifelong, head, kernels));
  }
  const LinearView& first = model.tower.front().linear;
  const std::vector<float> no_bias(first.outputs);
  first_varying = columns_of(first, input.parts(), 0, input.varying_width, no_bias.data(),
                             kernels.tile_outputs);
  first_constant = columns_of(first, input.parts(), input.varying_width, input.constant_width,
                              first.bias, kernels.tile_outputs);
  for (const TowerLayerView& layer : model.tower) {
    TowerLayer packed;
    packed.dice_gamma = layer.dice_gamma;
    if (!tower.empty()) packed.linear = PackedLinear(layer.linear, kernels.tile_outputs);
    tower.push_back(std::move(packed));
  }
}

}  // namespace kleio
