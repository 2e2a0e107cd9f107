// What a request's nodes all share: its behaviours' keys and values, and the user's part of the
// MLP. Computed once, for each distinct item of the history.
//
// The collaborative list is searched in the history that this makes: the request's own, position by
// position, over the keys instead of the items' embeddings. So both lists come from one kernel, and
// a repeated item is scored once in both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/backend.h"
#include "core/history_snapshot.h"
#include "cpu/simd/aligned_buffer.h"
#include "cpu/simd/float_kernels.h"
#include "tree/level_scorer.h"
#include "tree/scorer_layers.h"

namespace kleio {

class ScorerBehaviours {
 public:
  ScorerBehaviours(const ScorerModel& model, const ScorerLayers& layers,
                   const FloatKernels& kernels, const ScoreRequest& request);

  // The history over the collaborative keys.
  const HistorySnapshot& collaborative() const noexcept { return *collaborative_; }

  std::size_t slot_of(std::int32_t position) const noexcept {
    return static_cast<std::size_t>(history_.slot_of[history_.first() + position]);
  }
  const float* key(std::size_t list, std::size_t head, std::size_t slot) const noexcept {
    const Rows& keys = lists_[list].keys;
    return keys.values.data() + slot * keys.stride + lists_[list].key_offsets[head];
  }
  const float* value(std::size_t list, std::size_t head, std::size_t slot) const noexcept {
    const Rows& values = lists_[list].values;
    return values.values.data() + slot * values.stride + lists_[list].value_offsets[head];
  }
  // The bias of the MLP's first layer with the constant inputs' product added.
  const float* first_layer_bias() const noexcept { return first_layer_bias_.data(); }

 private:
  struct Rows {
    AlignedBuffer<float> values;
    std::size_t stride = 0;
  };
  struct ListRows {
    Rows keys, values;
    std::vector<std::size_t> key_offsets, value_offsets;  // by head
  };

  void make_room(const ScorerLayers& layers);
  void project(const ScorerLayers& layers, const FloatKernels& kernels, std::size_t begin,
               std::size_t end);
  void write_collaborative_key(const ScorerLayers& layers, std::size_t slot) noexcept;
  void make_collaborative();
  void add_user(const ScorerLayers& layers, const FloatKernels& kernels,
                const ScoreRequest& request);

  const ScorerModel& model_;
  const HistorySnapshot& history_;
  std::size_t slots_;
  Rows embeddings_, projected_;
  std::vector<ListRows> lists_;
  std::size_t key_width_ = 0;
  std::vector<float> collaborative_keys_;                 // [slots][key_width_]
  std::shared_ptr<const TableResidence> keys_residence_;  // where the history's backend has them
  std::shared_ptr<const HistorySnapshot> collaborative_;
  AlignedBuffer<float> first_layer_bias_;
};

}  // namespace kleio
