// The fused pass over a tile of nodes: attention over both lists straight into the MLP's input,
// then the MLP. Nothing of the size nodes x K leaves the tile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/search.h"
#include "core/simtier.h"
#include "cpu/simd/aligned_buffer.h"
#include "cpu/simd/float_kernels.h"
#include "tree/scorer_behaviours.h"
#include "tree/scorer_layers.h"
#include "tree/scorer_model.h"

namespace kleio {

// What a batch of nodes brings: ID embeddings and both lists, -1 in empty places.
struct NodeBatch {
  const float* embeddings = nullptr;  // [count][stride]
  std::size_t stride = 0;
  KeptView collaborative, multimodal;  // [count, k]
  std::span<float> logits;             // [count]
};

// One a thread: it owns the tile's memory.
class NodeTileScorer {
 public:
  // 24 nodes: four groups of the matrix kernels' six rows.
  static constexpr std::size_t kNodes = 24;

  NodeTileScorer(const ScorerModel& model, const ScorerLayers& layers, const FloatKernels& kernels,
                 const ScorerBehaviours& behaviours, const NodeBatch& batch);

  // Nodes [first, first + count) of the batch, at most kNodes.
  void score(std::size_t first, std::size_t count);

 private:
  void gather(std::size_t list, std::size_t node);
  void gather_union(std::size_t node);
  void attend_list(std::size_t list, std::size_t first, std::size_t count, std::size_t offset);
  void attend_node(std::size_t list, std::size_t node_in_tile, float* out);
  void count_tiers(std::size_t node, float* out);
  void run_mlp(std::size_t first, std::size_t count);

  const ScorerModel& model_;
  const ScorerLayers& layers_;
  const FloatKernels& kernels_;
  const ScorerBehaviours& behaviours_;
  const NodeBatch& batch_;
  std::size_t input_stride_;
  AlignedBuffer<float> inputs_;                // [kNodes][input_stride_]
  std::vector<AlignedBuffer<float>> queries_;  // per head, [kNodes][padded outputs]
  AlignedBuffer<float> attended_, outputs_;    // [kNodes][...] of one list
  AlignedBuffer<float> layer_in_, layer_out_;
  std::vector<std::size_t> kept_slots_;  // of one node and list, as the next four
  std::vector<float> kept_scores_, rho_;
  std::vector<const float*> keys_, values_;
  std::vector<std::int32_t> seen_;
  std::vector<float> weights_, head_out_;  // softmax scratch, one head's output
  std::vector<std::uint32_t> tier_counts_;
};

}  // namespace kleio
