// A ranker's weights in a device's memory.
#pragma once

#include <memory>
#include <vector>

#include "core/ranker_model.h"
#include "cuda/device.h"
#include "cuda/device_array.h"
#include "cuda/rank_params.h"
#include "cuda/rank_plan.h"

namespace kleio::cuda {

class DeviceModel {
 public:
  // Uploads everything but the similarity table, which is resident by itself, and waits for it.
  // The device outlives the model. Throws kOutOfMemory.
  DeviceModel(const RankerModel& model, const TableParams& similarity, Device& device);
  ~DeviceModel();
  DeviceModel(const DeviceModel&) = delete;

  const RankModelParams& params() const noexcept { return params_; }
  std::size_t byte_size() const noexcept;

 private:
  FeatureParams upload(const FeatureView& feature);
  void upload_layers(const RankerModel& model);

  Device& device_;
  StreamHandle stream_;
  std::vector<DeviceArray<float>> embeddings_;
  DeviceArray<std::byte> layers_;
  RankModelParams params_;
};

// What decides about a block's shared memory.
RankShape rank_shape(const RankerModel& model, std::uint32_t k) noexcept;
RankShape attend_shape(const SemanticAttentionView& layers, std::uint32_t k) noexcept;

}  // namespace kleio::cuda
