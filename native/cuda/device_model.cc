#include "cuda/device_model.h"

#include <algorithm>

#include "cuda/layer_params.h"

namespace kleio::cuda {
namespace {

std::uint32_t to_u32(std::size_t value) noexcept {
  return static_cast<std::uint32_t>(value);
}

std::uint32_t stride_of(const LinearView& layer) noexcept {
  return to_u32((layer.outputs + 3) / 4 * 4);
}

}  // namespace

RankShape attend_shape(const SemanticAttentionView& layers, std::uint32_t k) noexcept {
  RankShape shape;
  shape.behaviour_width = to_u32(layers.heads.front().query.inputs);
  shape.places = k;
  for (const AttentionHeadView& head : layers.heads) {
    shape.query_width += stride_of(head.query);
    shape.projection_width =
        std::max({shape.projection_width, stride_of(head.key), stride_of(head.value)});
  }
  return shape;
}

RankShape rank_shape(const RankerModel& model, std::uint32_t k) noexcept {
  RankShape shape = attend_shape(model.lifelong, k);
  shape.query_width += stride_of(model.short_query);
  shape.projection_width = std::max(shape.projection_width, stride_of(model.short_key));
  shape.places = std::max(k, to_u32(model.short_steps));
  for (const TowerLayerView& layer : model.tower) {
    const std::uint32_t stride = stride_of(layer.linear);
    shape.widest_layer = std::max({shape.widest_layer, to_u32(layer.linear.inputs), stride});
    shape.partial_sums = std::max(shape.partial_sums, partial_sums_of(stride));
  }
  return shape;
}

DeviceModel::DeviceModel(const RankerModel& model, const TableParams& similarity, Device& device)
    : device_(device), stream_(device.make_stream()) {
  try {
    params_.similarity = similarity;
    params_.item = upload(model.item);
    params_.category = upload(model.category);
    params_.city = upload(model.city);
    params_.province = upload(model.province);
    upload_layers(model);
    device.synchronise(stream_);
  } catch (...) {
    embeddings_.clear();
    layers_ = {};
    device.destroy_stream(stream_);
    throw;
  }
}

DeviceModel::~DeviceModel() {
  embeddings_.clear();
  layers_ = {};
  device_.destroy_stream(stream_);
}

std::size_t DeviceModel::byte_size() const noexcept {
  std::size_t bytes = layers_.byte_size();
  for (const DeviceArray<float>& tensor : embeddings_) bytes += tensor.byte_size();
  return bytes;
}

FeatureParams DeviceModel::upload(const FeatureView& feature) {
  const std::size_t rows = feature.ids.size() + 1;
  const std::span<const float> values(feature.embeddings, rows * feature.width);
  return {embeddings_.emplace_back(device_, stream_, values).get(), to_u32(feature.width)};
}

void DeviceModel::upload_layers(const RankerModel& model) {
  std::vector<FeatureParams> user;
  for (const FeatureView& feature : model.user) user.push_back(upload(feature));
  const auto split = to_u32(model.embedding_dim);
  const auto add_all = [&](UploadBlock& block) {
    params_.user = block.add<FeatureParams>(user);
    const HeadLayers heads = add_heads(block, model.lifelong, &model.short_query, split);
    params_.heads = heads.heads;
    params_.queries = heads.queries;
    params_.short_key = add_linear(block, {&model.short_key, 1}, split);
    std::vector<TowerLayerParams> tower;
    for (const TowerLayerView& layer : model.tower) {
      const std::span<const float> gamma(layer.dice_gamma, layer.linear.outputs);
      tower.push_back({add_linear(block, {&layer.linear, 1}, 0), block.add<float>(gamma)});
    }
    params_.tower = block.add<TowerLayerParams>(tower);
    params_.short_tier_weights = block.add<float>(model.short_tier_weights);
    params_.kept_tier_weights = block.add<float>(model.lifelong_tier_weights);
  };
  UploadBlock counted;
  add_all(counted);
  std::vector<std::byte> host(counted.bytes());
  layers_ = DeviceArray<std::byte>(device_, stream_, host.size());
  UploadBlock block(layers_.get(), host);
  add_all(block);
  device_.upload(layers_.get(), host.data(), host.size(), stream_);

  params_.tier_scale = TierScale::of(model.tier_width);
  params_.attention_scale = model.lifelong.scale;
  params_.embedding_dim = to_u32(model.embedding_dim);
  params_.user_features = to_u32(model.user.size());
  params_.head_count = to_u32(model.lifelong.heads.size());
  params_.tower_layers = to_u32(model.tower.size());
  params_.short_tiers = to_u32(model.short_tier_weights.size());
  params_.kept_tiers = to_u32(model.lifelong_tier_weights.size());
  params_.lifelong_width = to_u32(model.lifelong_width());
  params_.tower_width = to_u32(model.tower_width());
}

}  // namespace kleio::cuda
