// The accelerators of a build with CUDA: the GPUs that the driver shows and the kernels run on.
#include <cuda_runtime_api.h>

#include <string>

#include "core/accelerator.h"
#include "core/error.h"
#include "cuda/accelerator_info.h"
#include "cuda/cuda_backend.h"
#include "cuda/cuda_device.h"

namespace kleio {
namespace {

constexpr int kLeastComputeMajor = 8;  // mma.sync of int8 and bfloat16

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// Why cudaGetDeviceCount answered with an error.
std::string reason_of(cudaError_t error, const AcceleratorSurvey& survey) {
  switch (error) {
    case cudaErrorInsufficientDriver:
      return survey.driver_version == 0
                 ? "there is no NVIDIA driver on this machine"
                 : "the NVIDIA driver is too old: it serves CUDA " +
                       version_text(survey.driver_version) + ", this binary needs CUDA " +
                       version_text(survey.runtime_version / 1000 * 1000) + " or later";
    case cudaErrorNoDevice:
      return "the NVIDIA driver shows no device (is CUDA_VISIBLE_DEVICES set?)";
    default:
      return std::string("the NVIDIA driver cannot be used: ") + cudaGetErrorName(error) + ", " +
             cudaGetErrorString(error);
  }
}

// A device too old for the kernels ends the list: what is listed has its driver's number.
void list_devices(int count, AcceleratorSurvey& survey) {
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    const cuda::DeviceProperties properties = cuda::properties_of_device(ordinal);
    const AcceleratorInfo info = cuda::info_of(properties);
    if (properties.compute_major < kLeastComputeMajor) {
      survey.reason = info.name + " (" + info.model + ") has compute capability " + info.compute +
                      "; the kernels need 8.0 or later";
      return;
    }
    survey.devices.push_back(info);
  }
}

}  // namespace

AcceleratorSurvey survey_accelerators() {
  AcceleratorSurvey survey;
  cudaDriverGetVersion(&survey.driver_version);
  cudaRuntimeGetVersion(&survey.runtime_version);
  int count = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess) {
    cudaGetLastError();
    survey.reason = reason_of(error, survey);
    return survey;
  }
  try {
    list_devices(count, survey);
  } catch (const Error& error) {
    survey.reason = error.what();
  }
  if (!survey.devices.empty()) survey.reason.clear();
  if (count == 0) survey.reason = reason_of(cudaErrorNoDevice, survey);
  return survey;
}

std::unique_ptr<const Accelerator> open_accelerator(std::size_t index, const Backend& cpu,
                                                    const AcceleratorOptions& options) {
  return std::make_unique<cuda::CudaBackend>(
      std::make_unique<cuda::CudaDevice>(static_cast<int>(index)), cpu, options);
}

}  // namespace kleio
