// A ranker's tensors as a model file or a caller brings them: named, shaped, not yet checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/dtype.h"
#include "core/id_index.h"
#include "core/large_buffer.h"
#include "core/source_file.h"

namespace kleio {

struct WeightTensor {
  std::string name;  // for error texts
  std::vector<std::size_t> shape;
  bool unsigned_ids = false;               // ids whose bits are those of unsigned integers
  std::shared_ptr<const SourceFile> file;  // nullptr: it brings its values
  std::uint64_t offset_bytes = 0;          // in the file
  LargeBuffer values;                      // a copy of the elements
};

struct FeatureWeights {
  WeightTensor ids;         // int64 [n]
  WeightTensor embeddings;  // float32 [n + 1, width]
};

struct LinearWeights {
  WeightTensor weight;  // float32 [outputs, inputs]
  WeightTensor bias;    // float32 [outputs]
};

struct AttentionHeadWeights {
  LinearWeights query, key, value;
};

struct TowerLayerWeights {
  LinearWeights linear;
  WeightTensor dice_gamma;  // float32 [1, outputs]
};

struct RankerWeights {
  std::size_t keep_top = 0;
  std::size_t short_steps = 0;
  float tier_width = 0;
  float attention_scale = 0;
  FeatureWeights item, category, city, province;
  std::vector<FeatureWeights> user;
  LinearWeights short_query, short_key;
  std::vector<AttentionHeadWeights> heads;
  WeightTensor temperatures;           // float32 [channels, heads]
  WeightTensor gains;                  // float32 [3, heads]
  WeightTensor short_tier_weights;     // float32 [1, tiers, 1]
  WeightTensor lifelong_tier_weights;  // likewise
  std::vector<TowerLayerWeights> tower;
  WeightTensor similarity_ids;     // int64 [rows]
  WeightTensor similarity_values;  // [rows, dim] of similarity_dtype
  Dtype similarity_dtype = Dtype::kInt8;
  Duplicates duplicates = Duplicates::kError;  // among similarity_ids
};

}  // namespace kleio
