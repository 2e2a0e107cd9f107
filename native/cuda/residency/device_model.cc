#include "cuda/residency/device_model.h"

#include <algorithm>
#include <cstring>

#include "cuda/residency/layer_params.h"
#include "cuda/residency/projection_table.h"

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

DeviceModel::DeviceModel(const RankerModel& model, DeviceContext& context, RequestStream& stream)
    : context_(context) {
  count_widths(model);
  upload_layers(model, upload_features(model, stream), stream);
  stream.synchronise();
  context_.counters.table_bytes += byte_size();
}

DeviceModel::~DeviceModel() {
  context_.counters.table_bytes -= byte_size();
}

std::size_t DeviceModel::byte_size() const noexcept {
  std::size_t bytes = 0;
  for (const auto& buffer : buffers_) bytes += buffer->size();
  return bytes;
}

void DeviceModel::count_widths(const RankerModel& model) noexcept {
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

// The candidate's features lie in the tower's input after two attentions and two means, the user's
// after them.
std::vector<FeatureParams> DeviceModel::upload_features(const RankerModel& model,
                                                        RequestStream& stream) {
  std::uint32_t column = to_u32(3 * model.behaviour_width() + model.lifelong_width());
  params_.item = upload(model.item, column, stream);
  params_.category = upload(model.category, column, stream);
  params_.city = upload(model.city, column, stream);
  params_.province = upload(model.province, column, stream);
  std::vector<FeatureParams> user;
  for (const FeatureView& feature : model.user) user.push_back(upload(feature, column, stream));
  return user;
}

FeatureParams DeviceModel::upload(const FeatureView& feature, std::uint32_t& column,
                                  RequestStream& stream) {
  const std::size_t bytes = (feature.ids.size() + 1) * feature.width * sizeof(float);
  const DeviceBuffer& buffer = *buffers_.emplace_back(stream.allocate(bytes));
  stream.ring().send(buffer.data(), bytes, [&feature](std::size_t offset, std::span<std::byte> to) {
    std::memcpy(to.data(), reinterpret_cast<const std::byte*>(feature.embeddings) + offset,
                to.size());
  });
  const auto* const embeddings = reinterpret_cast<const float*>(buffer.data());
  const FeatureParams params = {embeddings, to_u32(feature.width), column};
  column += params.width;
  return params;
}

void DeviceModel::upload_layers(const RankerModel& model, std::span<const FeatureParams> user,
                                RequestStream& stream) {
  const auto split = params_.embedding_dim;
  std::uint32_t columns = 0;
  std::vector<LinearParams> tabulated;
  const auto add_all = [&](UploadBlock& block) {
    columns = 0;
    params_.user = block.add<FeatureParams>(user);
    const HeadLayers heads = add_heads(block, model.lifelong, &model.short_query, split, columns);
    params_.heads = heads.heads;
    params_.queries = heads.queries;
    params_.short_key = add_tabulated(block, model.short_key, split, columns);
    tabulated = heads.behaviour_layers;
    tabulated.insert(tabulated.end(), {params_.queries, params_.short_key});
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
  const std::size_t bytes = counted.bytes();
  const DeviceBuffer& buffer = *buffers_.emplace_back(stream.allocate(bytes));
  std::byte* const host = stream.inputs(bytes);
  UploadBlock block(buffer.data(), {host, bytes});
  add_all(block);
  stream.device().upload(buffer.data(), host, bytes, stream.handle());
  auto projections = tabulate_projections(model, params_, tabulated, columns, stream);
  if (!projections) return;
  params_.projections = projections->table;
  buffers_.push_back(std::move(projections->memory));
}

}  // namespace kleio::cuda
