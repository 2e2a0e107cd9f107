// The threshold kernel on a GPU, and its launch.
#include <cuda_runtime.h>

#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/sample_threshold.cuh"
#include "cuda/kernels/search_kernels.h"

namespace kleio::cuda {
namespace {

__global__ void __launch_bounds__(kThresholdThreads)
    threshold_kernel(const __grid_constant__ ThresholdParams params) {
  CudaBlock<kThresholdThreads> block;
  find_sample_threshold(block, params);
}

}  // namespace

DeviceError threshold_cuda(const ThresholdParams& params, StreamHandle stream) {
  const std::uint32_t targets = params.search.targets.count;
  if (targets == 0) return kSuccess;
  threshold_kernel<<<targets, kThresholdThreads, threshold_layout(kThresholdThreads).bytes,
                     static_cast<cudaStream_t>(stream.native)>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace kleio::cuda
