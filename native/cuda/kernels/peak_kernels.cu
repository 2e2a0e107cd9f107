#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/peak_kernels.h"
#include "cuda/kernels/peak_loops.cuh"

namespace kleio::cuda {
namespace {

using PeakBlock = CudaBlock<kPeakThreads>;

template <CodeType kCode>
__global__ void __launch_bounds__(kPeakThreads) matrix_units_kernel(PeakParams params) {
  PeakBlock block;
  peak_of_matrix_units<kCode>(block, params);
}

__global__ void __launch_bounds__(kPeakThreads) float_units_kernel(PeakParams params) {
  PeakBlock block;
  peak_of_float_units(block, params);
}

__global__ void __launch_bounds__(kPeakThreads) reading_kernel(PeakParams params) {
  PeakBlock block;
  peak_of_reading(block, params);
}

auto kernel_of(Peak peak) {
  switch (peak) {
    case Peak::kInt8:
      return matrix_units_kernel<CodeType::kInt8>;
    case Peak::kFloat16:
      return matrix_units_kernel<CodeType::kFloat16>;
    case Peak::kFloat32:
      return float_units_kernel;
    case Peak::kRead:
      break;
  }
  return reading_kernel;
}

}  // namespace

DeviceError peak_cuda(const PeakParams& params, StreamHandle stream) {
  const auto kernel = kernel_of(params.peak);
  kernel<<<params.blocks, kPeakThreads, 0, static_cast<cudaStream_t>(stream.native)>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace kleio::cuda
