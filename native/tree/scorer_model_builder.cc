#include "tree/scorer_model_builder.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/matrix_view.h"
#include "core/simtier.h"
#include "core/weight_storage.h"

namespace kleio {
namespace {

constexpr std::size_t kGains = 3;  // of alpha, rho and their product
constexpr std::size_t kMaxWidth = std::size_t{1} << 16;

// The extent that gives a size its value. Throws kShape, kRange.
std::size_t extent_of(const WeightTensor& tensor, std::size_t dimension, std::size_t dimensions,
                      const char* form) {
  if (tensor.shape.size() != dimensions || tensor.shape[dimension] == 0) {
    throw Error(ErrorCode::kShape,
                tensor.name + " must have the shape " + form + "; got " + shape_text(tensor.shape));
  }
  return tensor.shape[dimension];
}

std::size_t width_of(const WeightTensor& tensor, std::size_t dimension, const char* form) {
  const std::size_t width = extent_of(tensor, dimension, 2, form);
  if (width <= kMaxWidth) return width;
  throw Error(ErrorCode::kRange, tensor.name + " must have widths of at most " +
                                     std::to_string(kMaxWidth) + "; got " + std::to_string(width));
}

class Builder {
 public:
  explicit Builder(ScorerWeights weights)
      : weights_(std::move(weights)),
        storage_(std::make_shared<WeightStorage>()),
        model_(std::make_shared<ScorerModel>()) {}

  std::shared_ptr<const ScorerModel> build() {
    return storage_->of_one_moment([this] { return model(); });
  }

 private:
  std::shared_ptr<const ScorerModel> model() {
    model_->kind = weights_.kind;
    model_->co_gsu = weights_.co_gsu;
    model_->union_list = weights_.union_list;
    model_->semantic = weights_.semantic;
    model_->keep_top = weights_.keep_top;
    model_->short_steps = weights_.short_steps;
    model_->user_width = weights_.user_width;
    model_->tier_width = weights_.tier_width;
    add_embeddings();
    if (weights_.kind == ScorerKind::kMiss) {
      model_->no_bias.assign(kMaxWidth, 0.0f);
      add_lists();
      add_mlp();
    } else {
      model_->user_width = model_->dim;
    }
    model_->storage = storage_;
    return model_;
  }

  void add_embeddings() {
    model_->dim = width_of(weights_.item_embeddings, 1, "[items + 1, width]");
    const std::size_t items = weights_.item_ids.shape.size() == 1 ? weights_.item_ids.shape[0] : 0;
    if (items > kMaxRows) {
      throw Error(ErrorCode::kRange,
                  weights_.item_ids.name + " must be at most " + std::to_string(kMaxRows) + " ids");
    }
    model_->items = IdIndex::of_caller(storage_->ids(weights_.item_ids, {items}),
                                       weights_.duplicates, weights_.item_ids.name);
    model_->item_embeddings = storage_->floats(weights_.item_embeddings, {items + 1, model_->dim});
    const std::size_t nodes = extent_of(weights_.node_embeddings, 0, 2, "[inner nodes + 1, width]");
    model_->node_embeddings = storage_->floats(weights_.node_embeddings, {nodes, model_->dim});
  }

  LinearView projection(WeightTensor& weight, std::size_t outputs, std::size_t inputs) {
    return {storage_->floats(weight, {outputs, inputs}).data(), model_->no_bias.data(), outputs,
            inputs};
  }

  void add_lists() {
    const std::size_t dim = model_->dim;
    if (weights_.co_gsu == CoGsu::kProjected) {
      const std::size_t width = width_of(weights_.co_query, 0, "[width, embedding width]");
      require_searchable(weights_.co_query.name, width);
      model_->co_query = projection(weights_.co_query, width, dim);
      model_->co_key = projection(weights_.co_key, width, dim);
    } else if (weights_.co_gsu == CoGsu::kInner) {
      require_searchable(weights_.item_embeddings.name, dim);
    }
    for (ScorerListWeights& list : weights_.lists) model_->lists.push_back(list_of(list));
    if (weights_.co_gsu == CoGsu::kTwin) {
      std::size_t width = 0;
      for (const ScorerHeadView& head : model_->lists.front().heads) width += head.query.outputs;
      require_searchable(weights_.lists.front().heads.front().query.name, width);
    }
    if (weights_.semantic) add_semantics(model_->lists.back());
  }

  // Keys become rows of a table.
  static void require_searchable(const std::string& name, std::size_t width) {
    if (width <= kMaxDim) return;
    throw Error(ErrorCode::kRange, name + ": behaviours are searched by at most " +
                                       std::to_string(kMaxDim) + " dimensions; got " +
                                       std::to_string(width));
  }

  ScorerListView list_of(ScorerListWeights& weights) {
    const std::size_t dim = model_->dim;
    ScorerListView list;
    std::size_t attended = 0;
    for (ScorerHeadWeights& head : weights.heads) {
      const std::size_t width = width_of(head.query, 0, "[width, embedding width]");
      const std::size_t value_width = width_of(head.value, 0, "[width, embedding width]");
      ScorerHeadView view;
      view.query = projection(head.query, width, dim);
      view.key = projection(head.key, width, dim);
      view.value = projection(head.value, value_width, dim);
      view.scale = 1 / std::sqrt(static_cast<float>(width));
      list.heads.push_back(view);
      attended += value_width;
    }
    const std::size_t outputs = width_of(weights.output, 0, "[outputs, heads * value width]");
    list.output = projection(weights.output, outputs, attended);
    return list;
  }

  void add_semantics(ScorerListView& list) {
    const std::size_t heads = list.heads.size();
    const auto temperatures = storage_->floats(weights_.temperatures, {1, heads});
    const auto gains = storage_->floats(weights_.gains, {kGains, heads});
    for (std::size_t h = 0; h < heads; ++h) {
      if (temperatures[h] == 0) {
        throw Error(ErrorCode::kRange, weights_.temperatures.name + " must not be 0; head " +
                                           std::to_string(h) + " is");
      }
      list.heads[h].temperature = temperatures[h];
      list.heads[h].gain_alpha = gains[h];
      list.heads[h].gain_rho = gains[heads + h];
      list.heads[h].gain_product = gains[2 * heads + h];
    }
    const std::size_t least = TierScale::of(weights_.tier_width).least_tiers();
    const std::size_t tiers = extent_of(weights_.tier_weights, 1, 3, "[1, tiers, 1]");
    if (tiers < least) {
      throw Error(ErrorCode::kShape, weights_.tier_weights.name + " must have at least " +
                                         std::to_string(least) + " tiers; got " +
                                         std::to_string(tiers));
    }
    model_->tier_weights = storage_->floats(weights_.tier_weights, {1, tiers, 1});
  }

  void add_mlp() {
    std::size_t inputs = model_->constant_width() + model_->varying_width();
    for (std::size_t l = 0; l < weights_.mlp.size(); ++l) {
      LinearWeights& layer = weights_.mlp[l];
      const bool last = l + 1 == weights_.mlp.size();
      const std::size_t outputs = last ? 1 : width_of(layer.weight, 0, "[outputs, inputs]");
      LinearView view;
      view.weight = storage_->floats(layer.weight, {outputs, inputs}).data();
      view.bias = storage_->floats(layer.bias, {outputs}).data();
      view.outputs = outputs;
      view.inputs = inputs;
      model_->mlp.push_back(view);
      inputs = outputs;
    }
  }

  ScorerWeights weights_;
  std::shared_ptr<WeightStorage> storage_;
  std::shared_ptr<ScorerModel> model_;
};

}  // namespace

std::shared_ptr<const ScorerModel> build_scorer_model(ScorerWeights weights) {
  if (weights.kind == ScorerKind::kMiss) {
    bool complete = !weights.mlp.empty() && weights.lists.size() == (weights.union_list ? 1u : 2u);
    for (const ScorerListWeights& list : weights.lists) complete &= !list.heads.empty();
    if (!complete || (weights.union_list && weights.semantic)) {
      throw Error(ErrorCode::kShape,
                  "a scorer needs a list or two of at least one head, and a layer of the MLP");
    }
  }
  return Builder(std::move(weights)).build();
}

}  // namespace kleio
