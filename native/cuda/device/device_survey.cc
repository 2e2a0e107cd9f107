#include "cuda/device/device_survey.h"

#include "core/error.h"
#include "cuda/device/accelerator_info.h"

namespace kleio::cuda {
namespace {

constexpr int kMinComputeMajor = 8;  // mma.sync of int8 and bfloat16

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// Why no device could be counted.
std::string reason_of(DeviceError error, const RuntimeAnswers& answers) {
  switch (error) {
    case kInsufficientDriver:
      return answers.driver_version == 0
                 ? "there is no NVIDIA driver on this machine"
                 : "the NVIDIA driver is too old: it serves CUDA " +
                       version_text(answers.driver_version) + ", this binary needs CUDA " +
                       version_text(answers.runtime_version / 1000 * 1000) + " or later";
    case kNoDevice:
      return "the NVIDIA driver shows no device (is CUDA_VISIBLE_DEVICES set?)";
    default:
      return "the NVIDIA driver cannot be used: " + answers.error_text;
  }
}

void list_devices(const RuntimeAnswers& answers, AcceleratorSurvey& survey) {
  for (int ordinal = 0; ordinal < answers.count; ++ordinal) {
    const DeviceProperties properties = answers.properties(ordinal);
    const AcceleratorInfo info = info_of(properties);
    if (properties.compute_major < kMinComputeMajor) {
      survey.reason = info.name + " (" + info.model + ") has compute capability " + info.compute +
                      "; the kernels need 8.0 or later";
      return;
    }
    survey.devices.push_back(info);
  }
}

}  // namespace

AcceleratorSurvey survey_of(const RuntimeAnswers& answers) {
  AcceleratorSurvey survey;
  survey.driver_version = answers.driver_version;
  survey.runtime_version = answers.runtime_version;
  if (answers.error != kSuccess || answers.count == 0) {
    survey.reason = reason_of(answers.error != kSuccess ? answers.error : kNoDevice, answers);
    return survey;
  }
  try {
    list_devices(answers, survey);
  } catch (const Error& error) {
    survey.reason = error.what();
  }
  if (!survey.devices.empty()) survey.reason.clear();
  return survey;
}

}  // namespace kleio::cuda
