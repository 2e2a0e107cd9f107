// The MUSE ranker's parameters, as views into storage that the model keeps alive.
//
// Source: MUSE (arXiv 2512.07216) as released, `MUSE_DIN`. D is the embedding width; a behaviour
// and a candidate are e = [item ‖ category], 2D wide. The tower reads, in this order:
//   short attention 2D, lifelong attention (heads x width), mean of kept e 2D, mean of short e 2D,
//   candidate item, category, city, province 4D, the user features, SimTier of the short
//   behaviours, SimTier of the kept ones.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/id_index.h"
#include "core/linear_view.h"
#include "core/matrix_view.h"
#include "core/table.h"
#include "core/table_fingerprint.h"
#include "core/weight_storage.h"

namespace kleio {

// A vocabulary of raw ids and its embeddings: row 0 is for unknown ids and padding, the id at index
// r of the sorted ids has row r + 1.
struct FeatureView {
  std::span<const std::int64_t> ids;     // ascending
  std::shared_ptr<const IdIndex> index;  // of `ids`
  const float* embeddings = nullptr;     // [ids.size() + 1, width]
  std::size_t width = 0;

  std::int32_t row_of(std::int64_t id) const noexcept { return index->row_of(id) + 1; }
  // The same for as many ids as `rows` has places.
  void rows_of(std::span<const std::int64_t> of, std::span<std::int32_t> rows) const noexcept {
    index->rows_of(of, rows);
    for (std::int32_t& row : rows) ++row;
  }
  const float* embedding(std::int32_t row) const noexcept {
    assert(row >= 0 && static_cast<std::size_t>(row) <= ids.size());
    return embeddings + static_cast<std::size_t>(row) * width;
  }
};

struct AttentionHeadView {
  LinearView query, key, value;  // each with SiLU
};

// Semantic-aware target attention. rho_i = sum over channels of score_i / temperature.
struct SemanticAttentionView {
  std::vector<AttentionHeadView> heads;
  const float* temperatures = nullptr;  // [channels, heads]
  const float* gains = nullptr;         // [3, heads]: of alpha, rho and their product
  std::size_t channels = 1;
  float scale = 1;  // of alpha; the paper's 1 / sqrt(width)
};

struct TowerLayerView {
  LinearView linear;
  const float* dice_gamma = nullptr;  // [outputs]
};

struct RankerModel {
  std::size_t embedding_dim = 0;  // D
  std::size_t keep_top = 0;       // K
  std::size_t short_steps = 0;    // S
  float tier_width = 0.1f;        // eps
  FeatureView item, category, city, province;
  std::vector<FeatureView> user;  // in the order of the tower's input
  LinearView short_query, short_key;
  SemanticAttentionView lifelong;
  std::span<const float> short_tier_weights;
  std::span<const float> lifelong_tier_weights;
  std::vector<TowerLayerView> tower;
  std::shared_ptr<Table> similarity_table;       // SCL rows by item id
  std::shared_ptr<const WeightStorage> storage;  // what the views point into
  mutable VocabularyFingerprint vocabularies;    // of items and categories

  // Memory of its own: copies of weights, and what finds their ids.
  std::size_t byte_size() const noexcept {
    std::size_t bytes = storage->byte_size() + similarity_table->resident_bytes();
    for (const FeatureView* view : {&item, &category, &city, &province}) {
      bytes += view->index->byte_size();
    }
    for (const FeatureView& view : user) bytes += view.index->byte_size();
    return bytes;
  }
  std::size_t behaviour_width() const noexcept { return 2 * embedding_dim; }
  std::size_t lifelong_width() const noexcept {
    std::size_t width = 0;
    for (const AttentionHeadView& head : lifelong.heads) width += head.value.outputs;
    return width;
  }
  std::size_t user_width() const noexcept {
    std::size_t width = 0;
    for (const FeatureView& feature : user) width += feature.width;
    return width;
  }
  std::size_t tower_width() const noexcept {
    return 3 * behaviour_width() + lifelong_width() + 4 * embedding_dim + user_width() +
           short_tier_weights.size() + lifelong_tier_weights.size();
  }
};

}  // namespace kleio
