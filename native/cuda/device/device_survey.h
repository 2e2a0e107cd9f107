// Which devices can be used and, where there is none, why: from what the runtime answers, so that
// every reason can be had without the machine it is of.
#pragma once

#include <functional>
#include <string>

#include "core/accelerator.h"
#include "cuda/device/device.h"

namespace kleio::cuda {

// Of counting devices; numbers of cudaError_t.
inline constexpr DeviceError kInsufficientDriver = 35;
inline constexpr DeviceError kNoDevice = 100;

struct RuntimeAnswers {
  int driver_version = 0;  // as AcceleratorSurvey has them
  int runtime_version = 0;
  DeviceError error = kSuccess;  // of counting devices
  std::string error_text;
  int count = 0;
  // Of a device; throws kDevice, saying why it cannot be used.
  std::function<DeviceProperties(int ordinal)> properties;
};

// A device that cannot be used ends the list: what is listed has its driver's number.
AcceleratorSurvey survey_of(const RuntimeAnswers& answers);

}  // namespace kleio::cuda
