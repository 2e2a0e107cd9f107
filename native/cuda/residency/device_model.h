// A ranker's weights in a device's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/ranker_model.h"
#include "cuda/device/device_buffer.h"
#include "cuda/device/device_context.h"
#include "cuda/device/request_stream.h"
#include "cuda/kernels/rank_params.h"
#include "cuda/kernels/rank_plan.h"

namespace kleio::cuda {

class DeviceModel {
 public:
  // Uploads everything but the similarity table, which is resident by itself and grows, and waits
  // for it.
  // Throws kOutOfMemory, kDevice, kDeviceLost.
  DeviceModel(const RankerModel& model, DeviceContext& context, RequestStream& stream);
  ~DeviceModel();
  DeviceModel(const DeviceModel&) = delete;
  DeviceModel& operator=(const DeviceModel&) = delete;

  // Without the similarity table.
  const RankModelParams& params() const noexcept { return params_; }
  std::size_t byte_size() const noexcept;

 private:
  FeatureParams upload(const FeatureView& feature, std::uint32_t& column, RequestStream& stream);
  std::vector<FeatureParams> upload_features(const RankerModel& model, RequestStream& stream);
  void upload_layers(const RankerModel& model, std::span<const FeatureParams> user,
                     RequestStream& stream);
  void count_widths(const RankerModel& model) noexcept;

  DeviceContext& context_;
  std::vector<std::shared_ptr<const DeviceBuffer>> buffers_;
  RankModelParams params_;
};

// What decides about a block's shared memory.
RankShape rank_shape(const RankerModel& model, std::uint32_t k) noexcept;
RankShape attend_shape(const SemanticAttentionView& layers, std::uint32_t k) noexcept;

}  // namespace kleio::cuda
