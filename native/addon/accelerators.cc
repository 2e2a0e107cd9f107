#include "addon/accelerators.h"

#include <string>

#include "core/error.h"

namespace kleio::addon {

const AcceleratorSurvey& Accelerators::survey() {
  const std::lock_guard lock(mutex_);
  if (!survey_) survey_ = survey_accelerators();
  return *survey_;
}

const Backend& Accelerators::backend_of(int device) {
  if (device == kCpu) return cpu_;
  const AcceleratorSurvey& found = survey();
  const auto index = static_cast<std::size_t>(device);
  if (index >= found.devices.size()) {
    throw Error(ErrorCode::kDevice,
                "there is no device 'cuda:" + std::to_string(device) + "': " +
                    (found.devices.empty() ? found.reason
                                           : "the last is '" + found.devices.back().name + "'"));
  }
  const std::lock_guard lock(mutex_);
  opened_.resize(found.devices.size());
  if (!opened_[index]) opened_[index] = open_accelerator(index, cpu_, options_);
  return *opened_[index];
}

std::optional<AcceleratorUsage> Accelerators::usage_of(std::size_t index) {
  const std::lock_guard lock(mutex_);
  if (index >= opened_.size() || !opened_[index]) return std::nullopt;
  return opened_[index]->usage();
}

}  // namespace kleio::addon
