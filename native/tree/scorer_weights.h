// A node scorer's tensors as a file or a caller brings them: named, shaped, not yet checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/id_index.h"
#include "core/ranker_weights.h"
#include "tree/scorer_model.h"

namespace kleio {

struct ScorerHeadWeights {
  WeightTensor query, key, value;  // float32 [width, dim]
};

struct ScorerListWeights {
  std::vector<ScorerHeadWeights> heads;
  WeightTensor output;  // float32 [outputs, heads * value width]
};

struct ScorerWeights {
  ScorerKind kind = ScorerKind::kMiss;
  CoGsu co_gsu = CoGsu::kProjected;
  bool union_list = false;
  bool semantic = false;
  std::size_t keep_top = 0;
  std::size_t short_steps = 0;
  std::size_t user_width = 0;
  float tier_width = 0;
  Duplicates duplicates = Duplicates::kError;
  WeightTensor item_ids;         // int64 [items]
  WeightTensor item_embeddings;  // float32 [items + 1, dim], row 0 for unknown items
  WeightTensor node_embeddings;  // float32 [inner nodes + 1, dim], row 0 for nodes without a number
  // Those that the settings above leave out are empty.
  WeightTensor co_query, co_key;         // float32 [width, dim]
  std::vector<ScorerListWeights> lists;  // collaborative, multimodal; or their union
  WeightTensor temperatures, gains;      // float32 [1, heads], [3, heads]
  WeightTensor tier_weights;             // float32 [1, tiers, 1]
  std::vector<LinearWeights> mlp;
};

}  // namespace kleio
