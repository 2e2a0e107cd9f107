#include "cuda/device/cuda_device.h"
#include "kernel_tests/test_device.h"

namespace kleio::cuda {

// The kernels of the product are tested without a device.
const KernelTable& cuda_kernels() noexcept {
  static constexpr KernelTable kNone;
  return kNone;
}

}  // namespace kleio::cuda

namespace kleio::cuda::tests {

std::unique_ptr<Device> open_device() {
  return std::make_unique<CudaDevice>(0);
}

}  // namespace kleio::cuda::tests
