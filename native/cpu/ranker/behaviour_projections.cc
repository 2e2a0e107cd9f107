#include "cpu/ranker/behaviour_projections.h"

#include <algorithm>
#include <cassert>

namespace kleio {
namespace {

// Rows that one task projects: 64 rows of 128 inputs are 32 KiB, which stay in L1.
constexpr std::size_t kTaskRows = 64;

}  // namespace

BehaviourFeatures features_at(const HistorySnapshot& history, std::int64_t sequence) noexcept {
  return {history.item_rows[sequence], history.category_rows[sequence]};
}

void write_embedding(const RankerModel& model, const BehaviourFeatures& features,
                     float* embedding) noexcept {
  std::copy_n(model.item.embedding(features.item), model.embedding_dim, embedding);
  std::copy_n(model.category.embedding(features.category), model.embedding_dim,
              embedding + model.embedding_dim);
}

void BehaviourProjections::prepare(const RankerModel& model, const RankerLayers& layers,
                                   const FloatKernels& kernels, const HistorySnapshot& history,
                                   std::span<const std::int32_t> positions,
                                   const CallContext& context) {
  embedding_stride_ = layers.padded_behaviour_width;
  key_stride_ = value_stride_ = 0;
  key_offsets_.clear();
  value_offsets_.clear();
  for (const AttentionHead& head : layers.heads) {
    key_offsets_.push_back(key_stride_);
    value_offsets_.push_back(value_stride_);
    key_stride_ += head.key.padded_outputs;
    value_stride_ += head.value.padded_outputs;
  }
  collect(history, positions);
  const std::size_t rows = distinct_.size();
  embeddings_.require(rows * embedding_stride_);
  keys_.require(rows * key_stride_);
  values_.require(rows * value_stride_);
  const std::size_t tasks = (rows + kTaskRows - 1) / kTaskRows;
  // A task is a few microseconds: below a handful, waking another thread costs more.
  const std::size_t threads = tasks < 8 ? 1 : context.max_threads;
  context.pool.parallel_for(tasks, threads, [&](std::size_t task) {
    project(model, layers, kernels, task * kTaskRows, std::min((task + 1) * kTaskRows, rows));
  });
}

// Rows are numbered in order of appearance among the candidates' places. Behaviours of one item
// share a row if they share a category, which they nearly always do.
void BehaviourProjections::collect(const HistorySnapshot& history,
                                   std::span<const std::int32_t> positions) {
  distinct_.assign(1, {});
  row_of_position_.assign(history.places(), -1);
  row_of_slot_.assign(history.slot_count(), -1);
  for (const std::int32_t position : positions) {
    if (position < 0) continue;
    assert(static_cast<std::size_t>(position) < history.places());
    std::int32_t& row = row_of_position_[static_cast<std::size_t>(position)];
    if (row >= 0) continue;
    const std::int64_t sequence = history.first() + position;
    const BehaviourFeatures features = features_at(history, sequence);
    const std::int32_t slot = history.slot_of[sequence];
    std::int32_t* shared = slot < 0 ? nullptr : &row_of_slot_[static_cast<std::size_t>(slot)];
    if (shared != nullptr && *shared >= 0 &&
        distinct_[static_cast<std::size_t>(*shared)] == features) {
      row = *shared;
      continue;
    }
    row = static_cast<std::int32_t>(distinct_.size());
    distinct_.push_back(features);
    if (shared != nullptr && *shared < 0) *shared = row;
  }
}

void BehaviourProjections::project(const RankerModel& model, const RankerLayers& layers,
                                   const FloatKernels& kernels, std::size_t begin,
                                   std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    float* embedding = embeddings_.data() + row * embedding_stride_;
    write_embedding(model, distinct_[row], embedding);
    std::fill(embedding + model.behaviour_width(), embedding + embedding_stride_, 0.0f);
  }
  for (std::size_t head = 0; head < layers.heads.size(); ++head) {
    const PackedLinear& key = layers.heads[head].key;
    const PackedLinear& value = layers.heads[head].value;
    kernels.linear(key, key.bias.data(), Activation::kSilu, embedding(begin), embedding_stride_,
                   end - begin, keys_.data() + begin * key_stride_ + key_offsets_[head],
                   key_stride_);
    kernels.linear(value, value.bias.data(), Activation::kSilu, embedding(begin), embedding_stride_,
                   end - begin, values_.data() + begin * value_stride_ + value_offsets_[head],
                   value_stride_);
  }
}

}  // namespace kleio
