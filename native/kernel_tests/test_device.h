// A device for tests of the host's side, and one kernel for it.
#pragma once

#include <cstdint>
#include <memory>

#include "cuda/kernels/kernel_table.h"

namespace kleio::cuda {
class Device;
}

namespace kleio::cuda::tests {

// A software device, or a GPU; its kernel table is not to be used.
std::unique_ptr<Device> open_device();

struct AddParams {
  const std::uint32_t* value = nullptr;
  std::uint32_t* sum = nullptr;
  std::uint8_t times = 1;  // padding follows
  std::uint32_t addend = 0;
};

// *sum = *value + times * addend.
DeviceError add_value(const AddParams& params, StreamHandle stream);

}  // namespace kleio::cuda::tests
