#include "cuda/software/software_device.h"
#include "kernel_tests/test_device.h"

namespace kleio::cuda {

// The kernels of the product are tested without a device.
const KernelTable& software_kernels() noexcept {
  static constexpr KernelTable kNone;
  return kNone;
}

}  // namespace kleio::cuda

namespace kleio::cuda::tests {

std::unique_ptr<Device> open_device() {
  return std::make_unique<SoftwareDevice>(SoftwareDeviceOptions{});
}

DeviceError add_value(const AddParams& params, StreamHandle) {
  *params.sum = *params.value + params.times * params.addend;
  return kSuccess;
}

}  // namespace kleio::cuda::tests
