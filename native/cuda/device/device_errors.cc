#include "cuda/device/device_errors.h"

namespace kleio::cuda {

ErrorCode thrown_for(DeviceError error) noexcept {
  switch (error) {
    case kMemoryAllocation:
      return ErrorCode::kOutOfMemory;
#define KLEIO_REFUSAL(name, number) case number:
      KLEIO_CUDA_REFUSALS(KLEIO_REFUSAL)
#undef KLEIO_REFUSAL
      return ErrorCode::kDevice;
    default:
      return ErrorCode::kDeviceLost;
  }
}

}  // namespace kleio::cuda
