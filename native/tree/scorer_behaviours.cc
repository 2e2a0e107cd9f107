#include "tree/scorer_behaviours.h"

#include <algorithm>

namespace kleio {
namespace {

// Rows that one task projects: 64 rows of 128 inputs are 32 KiB, which stay in L1.
constexpr std::size_t kTaskRows = 64;

std::size_t collaborative_width(const ScorerModel& model) noexcept {
  switch (model.co_gsu) {
    case CoGsu::kProjected:
      return model.co_key.outputs;
    case CoGsu::kInner:
      return model.dim;
    case CoGsu::kTwin:
      break;
  }
  std::size_t width = 0;
  for (const ScorerHeadView& head : model.lists.front().heads) width += head.key.outputs;
  return width;
}

}  // namespace

ScorerBehaviours::ScorerBehaviours(const ScorerModel& model, const ScorerLayers& layers,
                                   const FloatKernels& kernels, const ScoreRequest& request)
    : model_(model),
      history_(*request.history),
      slots_(history_.slot_count()),
      key_width_(collaborative_width(model)) {
  make_room(layers);
  const std::size_t tasks = (slots_ + kTaskRows - 1) / kTaskRows;
  request.context.parallel_for(tasks, [&](std::size_t task) {
    request.context.throw_if_cancelled();
    project(layers, kernels, task * kTaskRows, std::min((task + 1) * kTaskRows, slots_));
  });
  make_collaborative();
  add_user(layers, kernels, request);
}

void ScorerBehaviours::make_room(const ScorerLayers& layers) {
  embeddings_.stride = layers.padded_dim;
  embeddings_.values.require(slots_ * embeddings_.stride);
  projected_.stride = layers.co_key.padded_outputs;
  projected_.values.require(slots_ * projected_.stride);
  collaborative_keys_.resize(slots_ * key_width_);
  for (const ScorerList& list : layers.lists) {
    ListRows& rows = lists_.emplace_back();
    for (const ScorerHead& head : list.heads) {
      rows.key_offsets.push_back(rows.keys.stride);
      rows.value_offsets.push_back(rows.values.stride);
      rows.keys.stride += head.key.padded_outputs;
      rows.values.stride += head.value.padded_outputs;
    }
    rows.keys.values.require(slots_ * rows.keys.stride);
    rows.values.values.require(slots_ * rows.values.stride);
  }
}

void ScorerBehaviours::project(const ScorerLayers& layers, const FloatKernels& kernels,
                               std::size_t begin, std::size_t end) {
  for (std::size_t slot = begin; slot < end; ++slot) {
    float* embedding = embeddings_.values.data() + slot * embeddings_.stride;
    const std::int32_t row = history_.slots[static_cast<std::int64_t>(slot)].row;
    std::fill_n(embedding, embeddings_.stride, 0.0f);
    if (row < 0) continue;  // its last behaviour has left: nothing is ever kept of it
    const std::int64_t id = history_.table->id_of(static_cast<std::size_t>(row));
    std::copy_n(model_.item_embedding(id), model_.dim, embedding);
  }
  const auto apply = [&](const PackedLinear& layer, Rows& rows, std::size_t offset) {
    kernels.linear(layer, layer.bias.data(), Activation::kNone,
                   embeddings_.values.data() + begin * embeddings_.stride, embeddings_.stride,
                   end - begin, rows.values.data() + begin * rows.stride + offset, rows.stride);
  };
  for (std::size_t l = 0; l < lists_.size(); ++l) {
    for (std::size_t h = 0; h < layers.lists[l].heads.size(); ++h) {
      apply(layers.lists[l].heads[h].key, lists_[l].keys, lists_[l].key_offsets[h]);
      apply(layers.lists[l].heads[h].value, lists_[l].values, lists_[l].value_offsets[h]);
    }
  }
  if (model_.co_gsu == CoGsu::kProjected) apply(layers.co_key, projected_, 0);
  for (std::size_t slot = begin; slot < end; ++slot) write_collaborative_key(layers, slot);
}

// What the collaborative search compares with the nodes' queries.
void ScorerBehaviours::write_collaborative_key(const ScorerLayers& layers,
                                               std::size_t slot) noexcept {
  float* key = collaborative_keys_.data() + slot * key_width_;
  if (model_.co_gsu == CoGsu::kInner) {
    std::copy_n(embeddings_.values.data() + slot * embeddings_.stride, key_width_, key);
  } else if (model_.co_gsu == CoGsu::kProjected) {
    std::copy_n(projected_.values.data() + slot * projected_.stride, key_width_, key);
  } else {
    for (std::size_t h = 0; h < layers.lists.front().heads.size(); ++h) {
      key = std::copy_n(this->key(0, h, slot), layers.lists.front().heads[h].key.outputs, key);
    }
  }
}

void ScorerBehaviours::make_collaborative() {
  const MatrixView keys{reinterpret_cast<const std::byte*>(collaborative_keys_.data()), slots_,
                        key_width_, Dtype::kFloat32};
  const auto over_keys = std::make_shared<HistorySnapshot>(history_);
  over_keys->table = Table::copy_of(keys, std::nullopt);
  keys_residence_ = history_.backend->reside(over_keys->table);
  const std::unique_ptr<SlotStore> store = history_.backend->make_slot_store(over_keys->table);
  over_keys->slots.clear();
  for (std::size_t index = 0; index < slots_; ++index) {
    Slot slot = history_.slots[static_cast<std::int64_t>(index)];
    const auto number = static_cast<std::uint32_t>(index);
    store->assign(number, static_cast<std::int32_t>(index));
    if (slot.row < 0) store->free_slot(number);
    slot.row = slot.row < 0 ? -1 : static_cast<std::int32_t>(index);
    over_keys->slots.push_back(slot);
  }
  over_keys->embeddings = store->view();
  collaborative_ = over_keys;
}

// [user ; mean of the recent behaviours' embeddings], times the first layer.
void ScorerBehaviours::add_user(const ScorerLayers& layers, const FloatKernels& kernels,
                                const ScoreRequest& request) {
  std::vector<float> constant(request.user.begin(), request.user.end());
  if (model_.short_steps > 0) {
    std::vector<double> sum(model_.dim);
    std::size_t recent = 0;
    const std::int64_t first = history_.first();
    for (std::int64_t s = history_.slot_of.end(); s-- > first && recent < model_.short_steps;) {
      const std::int32_t slot = history_.slot_of[s];
      if (slot < 0) continue;
      const float* embedding =
          embeddings_.values.data() + static_cast<std::size_t>(slot) * embeddings_.stride;
      for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += static_cast<double>(embedding[d]);
      ++recent;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(recent, 1));
    for (const double total : sum) constant.push_back(static_cast<float>(total / count));
  }
  const PackedLinear& layer = layers.first_constant;
  kernels.linear(layer, layer.bias.data(), Activation::kNone, constant.data(), constant.size(), 1,
                 first_layer_bias_.require(layer.padded_outputs), layer.padded_outputs);
}

}  // namespace kleio
