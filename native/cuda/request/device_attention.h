// Target attention outside a ranker, on a device: Backend::attend.
#pragma once

#include <span>

#include "core/ranker_model.h"
#include "core/target_attention_batch.h"
#include "cuda/device/device_context.h"

namespace kleio::cuda {

// Fills `out` as Backend::attend does and returns true, or returns false where the widths exceed
// the device's shared memory. Throws kOutOfMemory, kDevice, kDeviceLost.
bool attend_on_device(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                      DeviceContext& context, std::span<float> out);

}  // namespace kleio::cuda
