// The peaks of a device (core/peak_loop.h): PeakMeter of CudaBackend.
#pragma once

#include "core/peak_loop.h"
#include "cuda/device/device_context.h"

namespace kleio::cuda {

// Operations (two a multiply-add) or bytes per second of the best launch. Throws kOutOfMemory,
// kDevice, kDeviceLost.
double measure_device_peak(DeviceContext& context, const PeakLoop& loop);

}  // namespace kleio::cuda
