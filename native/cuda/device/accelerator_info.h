// How a device is described to those who choose one.
#pragma once

#include <string>

#include "core/accelerator.h"
#include "cuda/device/device.h"

namespace kleio::cuda {

inline AcceleratorInfo info_of(const DeviceProperties& properties) {
  return {.name = "cuda:" + std::to_string(properties.ordinal),
          .model = properties.name,
          .compute = std::to_string(properties.compute_major) + "." +
                     std::to_string(properties.compute_minor),
          .multiprocessors = properties.multiprocessors,
          .memory_bytes = properties.memory_bytes};
}

}  // namespace kleio::cuda
