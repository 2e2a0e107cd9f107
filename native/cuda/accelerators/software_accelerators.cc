// The accelerators of a build for tests: one software device, set up by KLEIO_SOFTWARE_DEVICE, for
// example `memory_mib=64,fail_launch=7,immediate=1`. For measuring the host, `idle=1,busy_us=70`
// stands for a device whose work takes 70 us and does nothing; KLEIO_DEVICE_TRACE names the file of
// its trace. `driver`,
// `count_error`, `devices` and `compute` are what a runtime would answer on another machine.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "core/accelerator.h"
#include "cuda/device/device_survey.h"
#include "cuda/request/cuda_backend.h"
#include "cuda/software/idle_device.h"
#include "cuda/software/software_device.h"

namespace kleio {
namespace {

// The number of `name=number` among settings with commas between them.
std::uint64_t setting(std::string_view name, std::uint64_t otherwise) {
  const char* text = std::getenv("KLEIO_SOFTWARE_DEVICE");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (!one.starts_with(name) || one.substr(name.size()).substr(0, 1) != "=") continue;
    const std::string_view number = one.substr(name.size() + 1);
    std::from_chars(number.data(), number.data() + number.size(), otherwise);
  }
  return otherwise;
}

cuda::SoftwareDeviceOptions options_from_environment() {
  cuda::SoftwareDeviceOptions options;
  options.memory_bytes = setting("memory_mib", 1024) << 20;
  options.deferred = setting("immediate", 0) == 0;
  options.fail_allocation = setting("fail_allocation", 0);
  options.failing_allocations = setting("failing_allocations", options.failing_allocations);
  options.fail_pinned = setting("fail_pinned", 0);
  options.refuse = setting("refuse", 0);
  options.fail_launch = setting("fail_launch", 0);
  options.fail_graph = setting("fail_graph", 0);
  options.fail_replay = setting("fail_replay", 0);
  options.refuse_replay = setting("refuse_replay", 0);
  return options;
}

std::unique_ptr<cuda::Device> device_from_environment() {
  if (setting("idle", 0) == 0) {
    return std::make_unique<cuda::SoftwareDevice>(options_from_environment());
  }
  const char* trace = std::getenv("KLEIO_DEVICE_TRACE");
  return std::make_unique<cuda::IdleDevice>(cuda::IdleDeviceOptions{
      std::chrono::microseconds(setting("busy_us", 0)), trace == nullptr ? "" : trace});
}

cuda::DeviceProperties properties_of_device(int ordinal) {
  cuda::DeviceProperties properties = device_from_environment()->properties();
  properties.ordinal = ordinal;
  properties.compute_major =
      static_cast<int>(setting("compute", static_cast<std::uint64_t>(properties.compute_major)));
  return properties;
}

}  // namespace

AcceleratorSurvey survey_accelerators() {
  cuda::RuntimeAnswers answers;
  answers.driver_version = static_cast<int>(setting("driver", 0));
  answers.runtime_version = static_cast<int>(setting("runtime", 0));
  answers.error = static_cast<cuda::DeviceError>(setting("count_error", cuda::kSuccess));
  answers.error_text = "as it was told";
  answers.count = static_cast<int>(setting("devices", 1));
  answers.properties = properties_of_device;
  return cuda::survey_of(answers);
}

std::unique_ptr<const Accelerator> open_accelerator(std::size_t, const Backend& cpu,
                                                    const AcceleratorOptions& options) {
  return std::make_unique<cuda::CudaBackend>(device_from_environment(), cpu, options);
}

}  // namespace kleio
