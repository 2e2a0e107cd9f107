// What a machine without a device that can be used is told, by what its runtime answers.
#include "core/error.h"
#include "cuda/device/device_survey.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

// Devices with these compute capabilities; 0: one that cannot be used.
RuntimeAnswers machine_with(std::vector<int> majors) {
  RuntimeAnswers answers;
  answers.driver_version = 12080;
  answers.runtime_version = 13000;
  answers.count = static_cast<int>(majors.size());
  answers.properties = [majors](int ordinal) {
    DeviceProperties properties;
    properties.ordinal = ordinal;
    properties.name = "a GPU";
    properties.compute_major = majors.at(static_cast<std::size_t>(ordinal));
    properties.compute_minor = 6;
    if (properties.compute_major == 0) throw Error(ErrorCode::kDevice, "it is broken");
    return properties;
  };
  return answers;
}

RuntimeAnswers machine_that_fails(DeviceError error, int driver_version) {
  RuntimeAnswers answers = machine_with({});
  answers.driver_version = driver_version;
  answers.error = error;
  answers.error_text = "cudaErrorX, what it says";
  return answers;
}

void check_survey(const RuntimeAnswers& answers, std::size_t devices, const char* reason) {
  const AcceleratorSurvey survey = survey_of(answers);
  require(survey.devices.size() == devices, "%zu devices, not %zu", survey.devices.size(), devices);
  require(survey.reason == reason, "\"%s\", not \"%s\"", survey.reason.c_str(), reason);
  require(survey.driver_version == answers.driver_version &&
              survey.runtime_version == answers.runtime_version,
          "versions are lost");
  for (std::size_t i = 0; i < devices; ++i) {
    require(survey.devices[i].name == "cuda:" + std::to_string(i), "a device is misnamed");
  }
}

}  // namespace

std::string check_surveys() {
  constexpr DeviceError kUnknown = 999;
  check_survey(machine_that_fails(kInsufficientDriver, 0), 0,
               "there is no NVIDIA driver on this machine");
  check_survey(machine_that_fails(kInsufficientDriver, 11080), 0,
               "the NVIDIA driver is too old: it serves CUDA 11.8, this binary needs CUDA 13.0 or "
               "later");
  check_survey(machine_that_fails(kNoDevice, 13000), 0,
               "the NVIDIA driver shows no device (is CUDA_VISIBLE_DEVICES set?)");
  check_survey(machine_with({}), 0,
               "the NVIDIA driver shows no device (is CUDA_VISIBLE_DEVICES set?)");
  check_survey(machine_that_fails(kUnknown, 13000), 0,
               "the NVIDIA driver cannot be used: cudaErrorX, what it says");
  check_survey(machine_with({7}), 0,
               "cuda:0 (a GPU) has compute capability 7.6; the kernels need 8.0 or later");
  check_survey(machine_with({0, 9}), 0, "it is broken");
  check_survey(machine_with({8, 9}), 2, "");
  check_survey(machine_with({9, 7, 9}), 1, "");
  check_survey(machine_with({9, 0, 9}), 1, "");
  return "10 machines";
}

}  // namespace kleio::cuda::tests
