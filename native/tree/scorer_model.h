// The parameters of a node scorer, as views into storage that the model keeps alive.
//
// Source: MISS (arXiv 2508.14515) with what its summaries leave open settled by us (docs/tree.md).
// For a node n with ID embedding e, mean z; behaviours j with ID embeddings x_j, multimodal c_j:
//   collaborative list  the K largest of <Wq e, Wk x_j> / sqrt(width)
//   multimodal list     the K largest of cos(z, c_j)
//   o = Wo concat_h sum_j softmax_j(<Wq^h e, Wk^h x_j> / sqrt(width_h)) Wv^h x_j   for each list
//   logit = MLP([user ; mean of recent x ; o_co ; o_mm ; tiers ; e])
// with SiLU between the layers of the MLP. A two-tower scorer is  logit = <user, e>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/id_index.h"
#include "core/linear_view.h"
#include "core/weight_storage.h"

namespace kleio {

// The numeric values of these are the binary's contract with lib/binding/contract/codes.ts.
enum class ScorerKind : std::uint8_t { kMiss = 0, kTwoTower = 1 };

enum class CoGsu : std::uint8_t {
  kProjected = 0,  // <Wq e, Wk x> / sqrt(width)
  kInner = 1,      // <e, x>
  kTwin = 2,       // the attention's own scores, summed over its heads (TWIN, arXiv 2302.02352)
};

// Which of the two lists a request fills; a list that is not filled contributes o = 0.
enum class Lists : std::uint8_t { kBoth = 0, kCollaborative = 1, kMultimodal = 2, kNone = 3 };

// One head of a list's attention; gains other than these are a semantic list's.
struct ScorerHeadView {
  LinearView query, key, value;
  float scale = 1;        // of alpha: 1 / sqrt(width)
  float temperature = 1;  // of rho
  float gain_alpha = 1, gain_rho = 0, gain_product = 0;
};

struct ScorerListView {
  std::vector<ScorerHeadView> heads;
  LinearView output;
};

struct ScorerModel {
  ScorerKind kind = ScorerKind::kMiss;
  CoGsu co_gsu = CoGsu::kProjected;
  bool union_list = false;
  bool semantic = false;  // SimTier and semantic-aware attention over the multimodal list
  std::size_t dim = 0;    // of e and x
  std::size_t keep_top = 0;
  std::size_t short_steps = 0;
  std::size_t user_width = 0;
  float tier_width = 0.1f;
  IdIndex items;
  std::span<const float> item_embeddings;
  std::span<const float> node_embeddings;
  LinearView co_query, co_key;
  std::vector<ScorerListView> lists;
  std::span<const float> tier_weights;
  std::vector<LinearView> mlp;
  std::vector<float> no_bias;                    // what projections have
  std::shared_ptr<const WeightStorage> storage;  // what the views point into

  // Memory of its own: copies of weights, and what finds their ids.
  std::size_t byte_size() const noexcept { return storage->byte_size() + items.byte_size(); }

  const float* item_embedding(std::int64_t id) const noexcept {
    return item_embeddings.data() + static_cast<std::size_t>(items.row_of(id) + 1) * dim;
  }
  const float* node_embedding(std::int32_t feature) const noexcept {
    return node_embeddings.data() + static_cast<std::size_t>(feature + 1) * dim;
  }
  std::size_t inner_nodes() const noexcept { return node_embeddings.size() / dim - 1; }
  // Of the MLP's input, by its parts.
  std::size_t constant_width() const noexcept { return user_width + (short_steps > 0 ? dim : 0); }
  std::size_t varying_width() const noexcept {
    std::size_t width = dim + tier_weights.size();
    for (const ScorerListView& list : lists) width += list.output.outputs;
    return width;
  }
};

}  // namespace kleio
