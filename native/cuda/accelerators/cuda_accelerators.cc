// The accelerators of a build with CUDA: the GPUs that the driver shows and the kernels run on.
#include <cuda_runtime_api.h>

#include <string>

#include "core/accelerator.h"
#include "cuda/device/cuda_device.h"
#include "cuda/device/device_survey.h"
#include "cuda/request/cuda_backend.h"

namespace kleio {

static_assert(cuda::kInsufficientDriver == cudaErrorInsufficientDriver);
static_assert(cuda::kNoDevice == cudaErrorNoDevice);

AcceleratorSurvey survey_accelerators() {
  cuda::RuntimeAnswers answers;
  cudaDriverGetVersion(&answers.driver_version);
  cudaRuntimeGetVersion(&answers.runtime_version);
  if (const cudaError_t error = cudaGetDeviceCount(&answers.count); error != cudaSuccess) {
    cudaGetLastError();
    answers.error = error;
    answers.error_text =
        std::string(cudaGetErrorName(error)) + ", " + std::string(cudaGetErrorString(error));
  }
  answers.properties = cuda::properties_of_device;
  return cuda::survey_of(answers);
}

std::unique_ptr<const Accelerator> open_accelerator(std::size_t index, const Backend& cpu,
                                                    const AcceleratorOptions& options) {
  return std::make_unique<cuda::CudaBackend>(
      std::make_unique<cuda::CudaDevice>(static_cast<int>(index)), cpu, options);
}

}  // namespace kleio
