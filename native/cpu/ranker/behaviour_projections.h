// What the ESU needs of each distinct kept behaviour, computed once per request however many
// candidates kept it: its embedding and its keys and values for every head.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/history_snapshot.h"
#include "core/ranker_model.h"
#include "cpu/ranker/ranker_layers.h"
#include "cpu/simd/aligned_buffer.h"
#include "cpu/simd/float_kernels.h"

namespace kleio {

// Embedding rows of a behaviour: its item's and its category's. {0, 0} is padding.
struct BehaviourFeatures {
  std::int32_t item = 0;
  std::int32_t category = 0;

  friend bool operator==(const BehaviourFeatures&, const BehaviourFeatures&) = default;
};

BehaviourFeatures features_at(const HistorySnapshot& history, std::int64_t sequence) noexcept;

// Writes [item ‖ category], 2D values.
void write_embedding(const RankerModel& model, const BehaviourFeatures& features,
                     float* embedding) noexcept;

class BehaviourProjections {
 public:
  // `positions`: kept places of all candidates, -1 where empty. Storage is reused from call to
  // call.
  void prepare(const RankerModel& model, const RankerLayers& layers, const FloatKernels& kernels,
               const HistorySnapshot& history, std::span<const std::int32_t> positions,
               const CallContext& context);

  std::size_t retained_bytes() const noexcept {
    return embeddings_.byte_size() + keys_.byte_size() + values_.byte_size() +
           distinct_.capacity() * sizeof(BehaviourFeatures) +
           (row_of_position_.capacity() + row_of_slot_.capacity()) * sizeof(std::int32_t);
  }

  // The row of the behaviour at a kept position, or of the padding for -1.
  std::size_t row_of(std::int32_t position) const noexcept {
    return position < 0
               ? kPaddingRow
               : static_cast<std::size_t>(row_of_position_[static_cast<std::size_t>(position)]);
  }
  const float* embedding(std::size_t row) const noexcept {
    return embeddings_.data() + row * embedding_stride_;
  }
  const float* key(std::size_t row, std::size_t head) const noexcept {
    return keys_.data() + row * key_stride_ + key_offsets_[head];
  }
  const float* value(std::size_t row, std::size_t head) const noexcept {
    return values_.data() + row * value_stride_ + value_offsets_[head];
  }

 private:
  static constexpr std::size_t kPaddingRow = 0;

  void collect(const HistorySnapshot& history, std::span<const std::int32_t> positions);
  void project(const RankerModel& model, const RankerLayers& layers, const FloatKernels& kernels,
               std::size_t begin, std::size_t end);

  BlockVector<BehaviourFeatures> distinct_;    // [0] is padding
  BlockVector<std::int32_t> row_of_position_;  // -1: not kept by any candidate
  BlockVector<std::int32_t> row_of_slot_;      // of the behaviour of the slot met first; -1: none
  std::size_t embedding_stride_ = 0;
  std::size_t key_stride_ = 0;
  std::size_t value_stride_ = 0;
  std::vector<std::size_t> key_offsets_;
  std::vector<std::size_t> value_offsets_;
  AlignedBuffer<float> embeddings_;  // [distinct][embedding_stride_], zeros past 2D
  AlignedBuffer<float> keys_;        // [distinct][key_stride_], heads side by side, each padded
  AlignedBuffer<float> values_;
};

}  // namespace kleio
