#include "core/ranker_model_builder.h"

#include <string>
#include <utility>

#include "core/error.h"
#include "core/simtier.h"
#include "core/weight_storage.h"

namespace kleio {
namespace {

constexpr std::size_t kGains = 3;    // of alpha, rho and their product
constexpr std::size_t kClasses = 2;  // not clicked, clicked

// `Id`: what the bits of the ids are in their tensor.
template <typename Id>
void require_ascending(std::span<const std::int64_t> ids, const std::string& name) {
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto before = static_cast<Id>(ids[i - 1]);
    const auto id = static_cast<Id>(ids[i]);
    if (before < id) continue;
    throw Error(ErrorCode::kFormat, name + " must ascend; index " + std::to_string(i) + " is " +
                                        std::to_string(id) + " after " + std::to_string(before));
  }
}

// The extent that gives a size its value. Throws kShape where the tensor has not as many
// dimensions.
std::size_t extent_of(const WeightTensor& tensor, std::size_t dimension, std::size_t dimensions,
                      const char* form) {
  if (tensor.shape.size() == dimensions && tensor.shape[dimension] > 0) {
    return tensor.shape[dimension];
  }
  throw Error(ErrorCode::kShape,
              tensor.name + " must have the shape " + form + "; got " + shape_text(tensor.shape));
}

// The length of a vector, which may be empty.
std::size_t count_of(const WeightTensor& ids) {
  if (ids.shape.size() == 1) return ids.shape[0];
  throw Error(ErrorCode::kShape,
              ids.name + " must have the shape [ids]; got " + shape_text(ids.shape));
}

class Builder {
 public:
  explicit Builder(RankerWeights weights)
      : weights_(std::move(weights)), storage_(std::make_shared<WeightStorage>()) {}

  std::shared_ptr<const RankerModel> build() {
    return storage_->of_one_moment([this] { return model(); });
  }

 private:
  std::shared_ptr<const RankerModel> model() {
    auto model = std::make_shared<RankerModel>();
    model->keep_top = weights_.keep_top;
    model->short_steps = weights_.short_steps;
    model->tier_width = weights_.tier_width;
    model->embedding_dim = extent_of(weights_.item.embeddings, 1, 2, "[ids + 1, embedding width]");
    if (model->embedding_dim > kMaxDim) {
      throw Error(ErrorCode::kRange, weights_.item.embeddings.name + " must be at most " +
                                         std::to_string(kMaxDim) + " wide; got " +
                                         std::to_string(model->embedding_dim));
    }
    add_features(*model);
    const std::size_t wide = model->behaviour_width();
    model->short_query = linear(weights_.short_query, wide, wide);
    model->short_key = linear(weights_.short_key, wide, wide);
    add_lifelong_attention(*model);
    model->short_tier_weights = tier_weights(weights_.short_tier_weights);
    model->lifelong_tier_weights = tier_weights(weights_.lifelong_tier_weights);
    add_tower(*model);
    model->similarity_table = similarity_table();
    model->storage = storage_;
    return model;
  }

  void add_features(RankerModel& model) {
    const std::size_t width = model.embedding_dim;
    model.item = feature(weights_.item, width);
    model.category = feature(weights_.category, width);
    model.city = feature(weights_.city, width);
    model.province = feature(weights_.province, width);
    for (FeatureWeights& user : weights_.user) {
      model.user.push_back(
          feature(user, extent_of(user.embeddings, 1, 2, "[ids + 1, embedding width]")));
    }
  }

  FeatureView feature(FeatureWeights& weights, std::size_t width) {
    FeatureView view;
    const std::size_t count = count_of(weights.ids);
    view.ids = storage_->ids(weights.ids, {count});
    if (weights.ids.unsigned_ids) {
      require_ascending<std::uint64_t>(view.ids, weights.ids.name);
    } else {
      require_ascending<std::int64_t>(view.ids, weights.ids.name);
    }
    view.index = std::make_shared<const IdIndex>(view.ids);
    view.embeddings = storage_->floats(weights.embeddings, {count + 1, width}).data();
    view.width = width;
    return view;
  }

  LinearView linear(LinearWeights& weights, std::size_t outputs, std::size_t inputs) {
    LinearView view;
    view.weight = storage_->floats(weights.weight, {outputs, inputs}).data();
    view.bias = storage_->floats(weights.bias, {outputs}).data();
    view.outputs = outputs;
    view.inputs = inputs;
    return view;
  }

  static std::size_t outputs_of(const LinearWeights& weights) {
    return extent_of(weights.weight, 0, 2, "[outputs, inputs]");
  }

  void add_lifelong_attention(RankerModel& model) {
    const std::size_t wide = model.behaviour_width();
    SemanticAttentionView& attention = model.lifelong;
    for (AttentionHeadWeights& head : weights_.heads) {
      const std::size_t width = outputs_of(head.query);
      attention.heads.push_back({linear(head.query, width, wide), linear(head.key, width, wide),
                                 linear(head.value, outputs_of(head.value), wide)});
    }
    const std::size_t heads = attention.heads.size();
    attention.channels = extent_of(weights_.temperatures, 0, 2, "[channels, heads]");
    const auto temperatures = storage_->floats(weights_.temperatures, {attention.channels, heads});
    // The ranker has one channel of similarities, the first.
    for (std::size_t h = 0; h < heads; ++h) {
      if (temperatures[h] != 0) continue;
      throw Error(ErrorCode::kRange,
                  weights_.temperatures.name + " must not be 0; head " + std::to_string(h) + " is");
    }
    attention.temperatures = temperatures.data();
    attention.gains = storage_->floats(weights_.gains, {kGains, heads}).data();
    attention.scale = weights_.attention_scale;
  }

  std::span<const float> tier_weights(WeightTensor& tensor) {
    const std::size_t least = TierScale::of(weights_.tier_width).least_tiers();
    const std::size_t tiers = extent_of(tensor, 1, 3, "[1, tiers, 1]");
    if (tiers < least) {
      throw Error(ErrorCode::kShape, tensor.name + " must have at least " + std::to_string(least) +
                                         " tiers, of width " + number_text(weights_.tier_width) +
                                         "; got " + std::to_string(tiers));
    }
    return storage_->floats(tensor, {1, tiers, 1});
  }

  void add_tower(RankerModel& model) {
    std::size_t inputs = model.tower_width();
    for (std::size_t l = 0; l < weights_.tower.size(); ++l) {
      TowerLayerWeights& layer = weights_.tower[l];
      const bool last = l + 1 == weights_.tower.size();
      const std::size_t outputs = last ? kClasses : outputs_of(layer.linear);
      TowerLayerView view;
      view.linear = linear(layer.linear, outputs, inputs);
      view.dice_gamma = storage_->floats(layer.dice_gamma, {1, outputs}).data();
      model.tower.push_back(view);
      inputs = outputs;
    }
  }

  std::shared_ptr<Table> similarity_table() {
    WeightTensor& values = weights_.similarity_values;
    const Dtype dtype = weights_.similarity_dtype;
    const std::size_t dim = extent_of(values, 1, 2, "[rows, dim]");
    const std::size_t rows = values.shape[0];
    const auto placed = storage_->bytes(values, {rows, dim}, size_of(dtype));
    const auto ids = storage_->ids(weights_.similarity_ids, {rows});
    return Table::over({placed.data(), rows, dim, dtype}, ids, storage_,
                       {values.name, weights_.similarity_ids.name}, weights_.duplicates);
  }

  RankerWeights weights_;
  std::shared_ptr<WeightStorage> storage_;
};

}  // namespace

std::shared_ptr<const RankerModel> build_ranker_model(RankerWeights weights) {
  if (weights.heads.empty() || weights.tower.empty()) {
    throw Error(ErrorCode::kShape, "a ranker needs at least one attention head and tower layer");
  }
  return Builder(std::move(weights)).build();
}

}  // namespace kleio
